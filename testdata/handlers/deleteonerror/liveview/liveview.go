// Package liveview renders scenes and pushes the state of the work to a live view.
//
// Right: the push is for whoever looks at this very moment; the view forgets it after a few seconds, so its error is
// dropped and the message deleted all the same. The scene's own error keeps the message.
//
// Message: {"scene":"sc-1","objects":["cube","ball"]}
package liveview

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Studio renders.
type Studio struct {
	Queue  *azqueue.QueueClient
	Scenes *container.Client
	HTTP   *http.Client
	View   string
}

// Render renders the next scene.
func (s *Studio) Render(ctx context.Context) error {
	r, err := s.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var x struct {
		Scene   string   `json:"scene"`
		Objects []string `json:"objects"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
		return fmt.Errorf("scene %s: %w", *m.MessageID, err)
	}
	picture := "<scene>" + strings.Join(x.Objects, ",") + "</scene>"
	if _, err := s.Scenes.NewBlockBlobClient(x.Scene+".xml").UploadBuffer(ctx, []byte(picture), nil); err != nil {
		return fmt.Errorf("scene %s: %w", x.Scene, err)
	}
	if err := s.push(ctx, x.Scene, "rendered"); err != nil {
		slog.Debug("live view", "scene", x.Scene, "err", err) // best effort: it shows the moment, and keeps nothing
	}
	_, err = s.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (s *Studio) push(ctx context.Context, scene, state string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, s.View+"/now/"+scene, strings.NewReader(state))
	if err != nil {
		return err
	}
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

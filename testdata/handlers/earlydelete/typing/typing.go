// Package typing shows who is typing in a chat.
//
// Right: deleted before it is shown, and said so: a lost indicator is not missed, a late one irritates.
//
// Message: {"room":"r-1","user":"u-8"}
package typing

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Indicator shows indicators.
type Indicator struct {
	Queue *azqueue.QueueClient
	HTTP  *http.Client
	Chat  string
}

// Show shows the next indicator.
//
//idemlint:at-most-once an indicator that is older than a second is worse than none
func (i *Indicator) Show(ctx context.Context) error {
	r, err := i.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	if _, err := i.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete %s: %w", *m.MessageID, err)
	}
	var t struct{ Room, User string }
	if err := json.Unmarshal([]byte(*m.MessageText), &t); err != nil {
		return fmt.Errorf("indicator %s: %w", *m.MessageID, err)
	}
	return i.put(ctx, "/rooms/"+t.Room+"/typing/"+t.User)
}

func (i *Indicator) put(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, i.Chat+path, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := i.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("chat: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("chat: %s", resp.Status)
	}
	return nil
}

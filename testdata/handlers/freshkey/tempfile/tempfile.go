// Package tempfile renders pages into files of the machine and uploads them.
//
// Right although the file has a random name: it never leaves the machine. The blob
// is named by the message, and its content is a function of it.
//
// Message: {"page":"about","text":"hello"}
// Before: container site exists
package tempfile

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type page struct {
	Page string `json:"page"`
	Text string `json:"text"`
}

// Renderer renders pages.
type Renderer struct {
	Queue *azqueue.QueueClient
	Site  *azblob.Client
}

// Run renders until ctx ends.
func (r *Renderer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := r.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var p page
		if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
			return err
		}
		if err := r.publish(ctx, p); err != nil {
			return fmt.Errorf("page %s: %w", p.Page, err)
		}
		if _, err := r.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *Renderer) publish(ctx context.Context, p page) error {
	scratch := filepath.Join(os.TempDir(), "page-"+uuid.NewString()+".html")
	defer os.Remove(scratch)
	if err := render(scratch, p); err != nil {
		return err
	}
	f, err := os.Open(scratch)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = r.Site.UploadFile(ctx, "site", p.Page+".html", f, nil)
	return err
}

func render(file string, p page) error {
	text := fmt.Sprintf("<title>%s</title><p>%s</p>\n", html.EscapeString(p.Page), html.EscapeString(p.Text))
	return os.WriteFile(file, []byte(text), 0o600)
}

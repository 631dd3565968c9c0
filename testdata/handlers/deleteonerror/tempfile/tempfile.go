// Package tempfile makes archives of letters through a temporary file.
//
// Right: the errors that are dropped are those of the temporary file's Close and Remove, after the archive is
// uploaded; the upload's own error keeps the message.
//
// Message: {"bundle":"bu-2","letters":["dear","sir"]}
package tempfile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Bundler bundles.
type Bundler struct {
	Queue *azqueue.QueueClient
	Blobs *azblob.Client
}

type bundle struct {
	Bundle  string   `json:"bundle"`
	Letters []string `json:"letters"`
}

// Bundle bundles what the next message asks for.
func (b *Bundler) Bundle(ctx context.Context) error {
	r, err := b.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var x bundle
	if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
		return fmt.Errorf("bundle %s: %w", *m.MessageID, err)
	}
	if err := b.make(ctx, x); err != nil {
		return fmt.Errorf("bundle %s: %w", x.Bundle, err)
	}
	_, err = b.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (b *Bundler) make(ctx context.Context, x bundle) error {
	f, err := os.CreateTemp("", "bundle-*")
	if err != nil {
		return err
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}()
	for _, letter := range x.Letters {
		if _, err := fmt.Fprintln(f, letter); err != nil {
			return err
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = b.Blobs.UploadFile(ctx, "bundles", x.Bundle, f, nil)
	return err
}

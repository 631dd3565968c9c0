// Package closer exports chats through a writer whose Close uploads what was written.
//
// Wrong: the writer is closed by a bare defer, so the error of the upload is dropped; export returns nil, and the
// message is deleted without an export.
//
// Message: {"chat":"ch-2","lines":["hello","hi"]}
package closer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type blobWriter struct {
	ctx  context.Context
	blob *blockblob.Client
	buf  bytes.Buffer
}

func (w *blobWriter) Write(p []byte) (int, error) { return w.buf.Write(p) }

// Close uploads.
func (w *blobWriter) Close() error {
	_, err := w.blob.UploadBuffer(w.ctx, w.buf.Bytes(), nil)
	return err
}

// Exporter exports.
type Exporter struct {
	Chats   *azqueue.QueueClient
	Exports *container.Client
}

// Export exports the next chat.
func (x *Exporter) Export(ctx context.Context) error {
	r, err := x.Chats.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	if err := x.export(ctx, []byte(*m.MessageText)); err != nil {
		return fmt.Errorf("chat %s: %w", *m.MessageID, err)
	}
	_, err = x.Chats.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // miss `\(deleteonerror\)`
	return err
}

func (x *Exporter) export(ctx context.Context, text []byte) error {
	var c struct {
		Chat  string   `json:"chat"`
		Lines []string `json:"lines"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	w := &blobWriter{ctx: ctx, blob: x.Exports.NewBlockBlobClient(c.Chat + ".txt")}
	defer w.Close()
	for _, line := range c.Lines {
		if _, err := io.WriteString(w, line+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// Package gone makes thumbnails of pictures; a picture's name is the hash of its content.
//
// Right: an error of the download is followed by the delete if the picture is gone: its owner has removed it, and there
// is nothing to make a thumbnail of, now or later. Any other error keeps the message.
//
// Message: {"picture":"5d41402a"}
package gone

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Thumbnailer makes thumbnails.
type Thumbnailer struct {
	Queue *azqueue.QueueClient
	Blobs *azblob.Client
}

// Next makes the next thumbnail.
func (t *Thumbnailer) Next(ctx context.Context) error {
	r, err := t.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var x struct{ Picture string }
	if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
		return fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	err = t.thumbnail(ctx, x.Picture)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		slog.Info("picture is gone, no thumbnail", "picture", x.Picture)
	} else if err != nil {
		return fmt.Errorf("thumbnail of %s: %w", x.Picture, err)
	}
	_, err = t.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (t *Thumbnailer) thumbnail(ctx context.Context, name string) error {
	got, err := t.Blobs.DownloadStream(ctx, "pictures", name, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	head, err := io.ReadAll(io.LimitReader(got.Body, 64))
	if err != nil {
		return err
	}
	_, err = t.Blobs.UploadBuffer(ctx, "thumbnails", name, head, nil)
	return err
}

// Package preview renders previews of uploaded images.
//
// Right: the preview's name is the original's, which is never changed once uploaded; rendering it again gives the same bytes.
package preview

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	_ "image/png" // originals may be PNG
	"io"
	"log/slog"
	"path"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c16previews/media"
)

// Storage is what a Handler needs of media.Store.
type Storage interface {
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	SavePreview(ctx context.Context, name string, data []byte) error
}

var _ Storage = (*media.Store)(nil)

// Handler handles uploads.
type Handler struct {
	queue   *azqueue.QueueClient
	storage Storage
	quality int
}

// New returns a Handler.
func New(queue *azqueue.QueueClient, store *media.Store) *Handler {
	return &Handler{queue: queue, storage: store, quality: 80}
}

// Run handles uploads until the context is done.
func (h *Handler) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := h.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(180))})
		if err != nil {
			return fmt.Errorf("dequeue: %w", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(500 * time.Millisecond)
			continue
		}
		msg := resp.Messages[0]
		if err := h.Handle(ctx, []byte(*msg.MessageText)); err != nil {
			slog.Error("preview", "id", *msg.MessageID, "count", *msg.DequeueCount, "err", err)
			continue
		}
		if _, err := h.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			slog.Error("delete", "id", *msg.MessageID, "err", err)
		}
	}
	return nil
}

// Handle renders one preview.
func (h *Handler) Handle(ctx context.Context, body []byte) error {
	var ev struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(body, &ev); err != nil {
		return err
	}
	r, err := h.storage.Open(ctx, ev.Name)
	if err != nil {
		return fmt.Errorf("open %s: %w", ev.Name, err)
	}
	defer r.Close()
	img, _, err := image.Decode(r)
	if err != nil {
		return fmt.Errorf("decode %s: %w", ev.Name, err)
	}
	small := halve(halve(img))
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, small, &jpeg.Options{Quality: h.quality}); err != nil {
		return err
	}
	name := strings.TrimSuffix(ev.Name, path.Ext(ev.Name)) + ".jpg"
	return h.storage.SavePreview(ctx, name, buf.Bytes())
}

func halve(src image.Image) image.Image {
	b := src.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, b.Dx()/2, b.Dy()/2))
	for y := range b.Dy() / 2 {
		for x := range b.Dx() / 2 {
			dst.Set(x, y, src.At(b.Min.X+2*x, b.Min.Y+2*y))
		}
	}
	return dst
}

// Package thumbsizes makes thumbnails in several sizes, a goroutine per picture.
//
// Right: names come from the picture's name, pictures are never replaced, and the metadata only says when.
package thumbsizes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // pictures come as JPEG
	"image/png"
	"log/slog"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var sizes = []image.Point{{64, 64}, {320, 240}, {1024, 768}}

const parallel = 4

// Resizer makes thumbnails.
type Resizer struct {
	Queue *azqueue.QueueClient
	Blobs *azblob.Client
}

// Run ends when the context does and the pictures in hand are done.
func (r *Resizer) Run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, parallel)
	for {
		// A slot first, so that a message never waits for one.
		select {
		case <-ctx.Done():
			return
		case slots <- struct{}{}:
		}
		resp, err := r.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil || len(resp.Messages) == 0 {
			if err != nil {
				slog.Error("dequeue", "err", err)
			}
			<-slots
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		wg.Go(func() {
			defer func() { <-slots }()
			r.handle(context.WithoutCancel(ctx), msg)
		})
	}
}

func (r *Resizer) handle(ctx context.Context, msg *azqueue.DequeuedMessage) {
	ctx, cancel := context.WithTimeout(ctx, 45*time.Second)
	defer cancel()
	log := slog.With("message", *msg.MessageID, "delivery", *msg.DequeueCount)
	var event struct {
		Subject string `json:"subject"`
	}
	if err := json.Unmarshal([]byte(*msg.MessageText), &event); err != nil {
		log.Error("not an event", "err", err)
		return
	}
	_, name, ok := strings.Cut(event.Subject, "/blobs/")
	if !ok {
		log.Error("not a blob event", "subject", event.Subject)
		return
	}
	src, err := r.picture(ctx, name)
	if err != nil {
		log.Error("picture", "name", name, "err", err)
		return
	}
	for _, size := range sizes {
		if err := r.thumbnail(ctx, src, name, size); err != nil {
			log.Error("thumbnail", "name", name, "size", size, "err", err)
			return
		}
	}
	if _, err := r.Queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Error("delete", "err", err)
	}
}

func (r *Resizer) picture(ctx context.Context, name string) (image.Image, error) {
	rsp, err := r.Blobs.DownloadStream(ctx, "pictures", name, nil)
	if err != nil {
		return nil, err
	}
	body := rsp.NewRetryReader(ctx, &azblob.RetryReaderOptions{MaxRetries: 3})
	defer body.Close()
	img, _, err := image.Decode(body)
	return img, err
}

func (r *Resizer) thumbnail(ctx context.Context, src image.Image, name string, size image.Point) error {
	var buf bytes.Buffer
	if err := png.Encode(&buf, scale(src, size)); err != nil {
		return err
	}
	base := strings.TrimSuffix(name, path.Ext(name))
	_, err := r.Blobs.UploadStream(ctx, "thumbnails", fmt.Sprintf("%s/%dx%d.png", base, size.X, size.Y), &buf, &azblob.UploadStreamOptions{
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("image/png")},
		Metadata: map[string]*string{
			"source":      to.Ptr(name),
			"generatedat": to.Ptr(time.Now().UTC().Format(time.RFC3339)),
		},
	})
	return err
}

func scale(src image.Image, size image.Point) image.Image {
	dst := image.NewRGBA(image.Rectangle{Max: size})
	b := src.Bounds()
	for y := range size.Y {
		for x := range size.X {
			at := image.Pt(b.Min.X+x*b.Dx()/size.X, b.Min.Y+y*b.Dy()/size.Y)
			draw.Draw(dst, image.Rect(x, y, x+1, y+1), src, at, draw.Src)
		}
	}
	return dst
}

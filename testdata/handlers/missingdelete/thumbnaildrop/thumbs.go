// Package thumbs makes thumbnails.
//
// Right: the delete's error is dropped, but all that a second delivery does is to write the same thumbnail again,
// from a picture that never changes, under a name that follows from the message.
package thumbs

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	_ "image/png" // pictures come as PNG, too
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const side = 128

// Shrink handles up to four pictures.
func Shrink(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client) error {
	rs, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(4)),
		VisibilityTimeout: to.Ptr(int32(600)),
	})
	if err != nil {
		return err
	}
	for _, m := range rs.Messages {
		picture := *m.MessageText
		if err := shrink(ctx, blobs, picture); err != nil {
			slog.Error("thumbnail", "picture", picture, "delivery", *m.DequeueCount, "err", err)
			continue
		}
		_, _ = q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	}
	return nil
}

func shrink(ctx context.Context, blobs *azblob.Client, picture string) error {
	src, err := blobs.DownloadStream(ctx, "pictures", picture, nil)
	if err != nil {
		return err
	}
	defer src.Body.Close()
	img, _, err := image.Decode(src.Body)
	if err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	small := image.NewRGBA(image.Rect(0, 0, side, side))
	b := img.Bounds()
	for y := range side {
		for x := range side {
			small.Set(x, y, img.At(b.Min.X+x*b.Dx()/side, b.Min.Y+y*b.Dy()/side))
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, nil); err != nil {
		return err
	}
	_, err = blobs.UploadBuffer(ctx, "thumbnails", picture+".jpg", out.Bytes(), nil)
	return err
}

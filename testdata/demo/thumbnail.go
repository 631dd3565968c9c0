package demo

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Thumbnail makes a small picture of the photo that the message names. Nothing is
// wrong here: doing it again writes the same picture to the same name.
func Thumbnail(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]

	photo, err := blobs.DownloadStream(ctx, "photos", *msg.MessageText, nil)
	if err != nil {
		return err
	}
	defer photo.Body.Close()
	large, err := jpeg.Decode(photo.Body)
	if err != nil {
		return err
	}
	var small bytes.Buffer
	if err := jpeg.Encode(&small, shrink(large, 8), nil); err != nil {
		return err
	}
	if _, err := blobs.UploadStream(ctx, "thumbnails", *msg.MessageText, &small, nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

func shrink(large image.Image, by int) image.Image {
	at := large.Bounds()
	small := image.NewRGBA(image.Rect(0, 0, at.Dx()/by, at.Dy()/by))
	for x := range at.Dx() / by {
		for y := range at.Dy() / by {
			small.Set(x, y, large.At(at.Min.X+x*by, at.Min.Y+y*by))
		}
	}
	return small
}

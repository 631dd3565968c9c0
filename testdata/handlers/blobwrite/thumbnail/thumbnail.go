// Package thumbnail makes a small picture of each uploaded one.
//
// Right although it overwrites without any condition: the message names a
// picture, the thumbnail's name is made of the picture's, and the same picture
// gives the same thumbnail. Doing it twice, or late, changes nothing. It is no
// read-modify-write either: what is read ("pictures") is not what is written
// ("thumbs").
package thumbnail

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	_ "image/gif" // the formats that people upload
	"image/jpeg"
	_ "image/png"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const size = 128

type uploaded struct {
	Name string `json:"name"`
}

// Run makes thumbnails until the queue fails.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		var up uploaded
		if err := json.Unmarshal([]byte(*msg.MessageText), &up); err != nil {
			log.Printf("message %s: %v", *msg.MessageID, err)
			continue
		}
		if err := shrink(ctx, blobs, up.Name); err != nil {
			log.Printf("picture %s: %v", up.Name, err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("message %s will come back: %v", *msg.MessageID, err)
		}
	}
}

func shrink(ctx context.Context, blobs *azblob.Client, name string) error {
	picture, err := blobs.DownloadStream(ctx, "gallery", "pictures/"+name, nil)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	defer picture.Body.Close()
	img, _, err := image.Decode(picture.Body)
	if err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	var small bytes.Buffer
	if err := jpeg.Encode(&small, scale(img), &jpeg.Options{Quality: 80}); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "gallery", "thumbs/"+name, small.Bytes(), nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func scale(img image.Image) image.Image {
	b := img.Bounds()
	small := image.NewRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			small.Set(x, y, img.At(b.Min.X+x*b.Dx()/size, b.Min.Y+y*b.Dy()/size))
		}
	}
	return small
}

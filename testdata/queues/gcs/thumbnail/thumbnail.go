// Package thumbnail writes a thumbnail beside the picture it was made of: twice is as good
// as once, right.
package thumbnail

import (
	"context"
	"fmt"
	"image"
	"image/jpeg"
	_ "image/png"
	"log"
	"path"
	"strings"

	"cloud.google.com/go/pubsub"
	"cloud.google.com/go/storage"
)

type Maker struct {
	store *storage.Client
	scale func(image.Image) image.Image
}

// Finalized handles a notification of the bucket: its attributes name the object.
func (k *Maker) Finalized(ctx context.Context, m *pubsub.Message) {
	name := m.Attributes["objectId"]
	if !strings.HasPrefix(name, "pictures/") {
		m.Ack()
		return
	}
	if err := k.thumbnail(ctx, m.Attributes["bucketId"], name); err != nil {
		log.Printf("%s: %v", name, err)
		m.Nack()
		return
	}
	m.Ack()
}

func (k *Maker) thumbnail(ctx context.Context, bucket, name string) error {
	b := k.store.Bucket(bucket)
	r, err := b.Object(name).NewReader(ctx)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	defer r.Close()
	img, _, err := image.Decode(r)
	if err != nil {
		return fmt.Errorf("decoding: %w", err)
	}
	w := b.Object("thumbnails/" + path.Base(name)).NewWriter(ctx)
	w.ContentType = "image/jpeg"
	w.CacheControl = "public, max-age=86400"
	if err := jpeg.Encode(w, k.scale(img), nil); err != nil {
		w.Close()
		return fmt.Errorf("encoding: %w", err)
	}
	return w.Close()
}

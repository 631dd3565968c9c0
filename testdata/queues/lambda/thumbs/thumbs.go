// Package thumbs makes a small picture of each picture that is put into a bucket. A picture
// that is announced twice is made small twice, under the same key: no harm.
package thumbs

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"path"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type Maker struct {
	down *manager.Downloader
	up   *manager.Uploader
}

func NewMaker(client *s3.Client) *Maker {
	return &Maker{down: manager.NewDownloader(client), up: manager.NewUploader(client)}
}

func (m *Maker) Handle(ctx context.Context, event events.S3Event) error {
	for _, r := range event.Records {
		if strings.HasPrefix(r.S3.Object.URLDecodedKey, "small/") {
			continue
		}
		if err := m.shrink(ctx, r.S3); err != nil {
			return fmt.Errorf("%s: %w", r.S3.Object.Key, err)
		}
	}
	return nil
}

func (m *Maker) shrink(ctx context.Context, e events.S3Entity) error {
	buf := manager.NewWriteAtBuffer(nil)
	if _, err := m.down.Download(ctx, buf, &s3.GetObjectInput{Bucket: &e.Bucket.Name, Key: &e.Object.URLDecodedKey}); err != nil {
		return err
	}
	img, _, err := image.Decode(bytes.NewReader(buf.Bytes()))
	if err != nil {
		return err
	}
	var small bytes.Buffer
	if err := jpeg.Encode(&small, img, &jpeg.Options{Quality: 40}); err != nil {
		return err
	}
	_, err = m.up.Upload(ctx, &s3.PutObjectInput{
		Bucket: &e.Bucket.Name, Key: aws.String(path.Join("small", e.Object.URLDecodedKey)), Body: &small,
	})
	return err
}

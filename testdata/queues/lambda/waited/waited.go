// Package waited copies uploads to a second bucket, all at once, and waits for all of the
// copies: one that fails brings the event again.
package waited

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"
)

type Mirror struct{ client *s3.Client }

func (m Mirror) Handle(ctx context.Context, event events.S3Event) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, r := range event.Records {
		g.Go(func() error {
			_, err := m.client.CopyObject(ctx, &s3.CopyObjectInput{
				Bucket:     aws.String("mirror"),
				Key:        aws.String(r.S3.Object.URLDecodedKey),
				CopySource: aws.String(r.S3.Bucket.Name + "/" + r.S3.Object.Key),
			})
			return err
		})
	}
	return g.Wait()
}

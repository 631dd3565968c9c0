// Package randomcontent issues vouchers and writes them without a condition: the second
// delivery replaces a code that the customer may have used already.
package randomcontent

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type Issuer struct {
	store  *s3.Client
	bucket string
}

func (i *Issuer) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, r := range event.Records {
		_, err := i.store.PutObject(ctx, &s3.PutObjectInput{ // want `content that differs from attempt to attempt.*\(blobwrite\)`
			Bucket: &i.bucket, Key: aws.String("vouchers/" + r.Body), Body: strings.NewReader(rand.Text()),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Package collected tries all records of a batch and returns what went wrong, if anything
// did, as one error. The whole batch comes again then; what was stored is stored once more
// under the same key.
package collected

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type Archive struct {
	s3     *s3.Client
	bucket string
}

func (a *Archive) Store(ctx context.Context, event events.SQSEvent) error {
	var errs []error
	for i := range event.Records {
		if err := a.one(ctx, &event.Records[i]); err != nil {
			errs = append(errs, fmt.Errorf("record %d: %w", i, err))
		}
	}
	return errors.Join(errs...)
}

func (a *Archive) one(ctx context.Context, msg *events.SQSMessage) error {
	_, err := a.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(a.bucket), Key: aws.String("messages/" + msg.MessageId), Body: strings.NewReader(msg.Body),
	})
	return err
}

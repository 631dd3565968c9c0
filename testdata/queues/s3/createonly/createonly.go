// Package createonly issues vouchers. The code is random, but it is made lasting by a
// create-only write under the order's number: the second delivery is told that there is
// one, and keeps to it.
package createonly

import (
	"context"
	"crypto/rand"
	"errors"
	"log"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

type Issuer struct {
	store  *s3.Client
	bucket string
}

func (i *Issuer) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, r := range event.Records {
		if err := i.issue(ctx, r.Body); err != nil {
			return err
		}
	}
	return nil
}

func (i *Issuer) issue(ctx context.Context, order string) error {
	_, err := i.store.PutObject(ctx, &s3.PutObjectInput{
		Bucket:      &i.bucket,
		Key:         aws.String("vouchers/" + order),
		Body:        strings.NewReader(rand.Text()),
		IfNoneMatch: aws.String("*"),
	})
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == "PreconditionFailed" {
		log.Printf("order %s has its voucher", order)
		return nil
	}
	return err
}

// Package firstonly stores the first record of each batch. A batch may bring ten; the
// other nine are settled with it and never stored.
package firstonly

import (
	"context"
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
	if len(event.Records) == 0 {
		return nil
	}
	msg := event.Records[0]
	_, err := a.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(a.bucket), Key: aws.String("messages/" + msg.MessageId), Body: strings.NewReader(msg.Body),
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", msg.MessageId, err)
	}
	return nil // want `settled.*\(earlydelete\)`
}

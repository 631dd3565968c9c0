// Package indexcas keeps a list of documents in one object. It goes on only where the
// document is not in the list yet, writes under the ETag of the read, and starts again
// where another was faster.
package indexcas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

var errOvertaken = errors.New("another worker was faster")

type Index struct {
	queue  *sqs.Client
	store  *s3.Client
	url    string
	bucket string
}

func (x *Index) Handle(ctx context.Context, m types.Message) error {
	for {
		err := x.add(ctx, aws.ToString(m.Body))
		if errors.Is(err, errOvertaken) && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	_, err := x.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &x.url, ReceiptHandle: m.ReceiptHandle})
	return err
}

func (x *Index) add(ctx context.Context, doc string) error {
	got, err := x.store.GetObject(ctx, &s3.GetObjectInput{Bucket: &x.bucket, Key: aws.String("index.json")})
	if err != nil {
		return err
	}
	defer got.Body.Close()
	var docs []string
	if err := json.NewDecoder(got.Body).Decode(&docs); err != nil {
		return err
	}
	if slices.Contains(docs, doc) {
		return nil
	}
	body, err := json.Marshal(append(docs, doc))
	if err != nil {
		return err
	}
	_, err = x.store.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &x.bucket, Key: aws.String("index.json"), Body: bytes.NewReader(body), IfMatch: got.ETag,
	})
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == "PreconditionFailed" {
		return errOvertaken
	}
	return err
}

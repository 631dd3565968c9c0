// Package partialmap works on the records of a Kinesis stream up to the first that fails,
// and names it in the answer: the stream goes on from there. The results go back to the
// caller in a map, as the platform's documentation shows it.
package partialmap

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type Sink struct {
	client *s3.Client
	bucket string
}

func (s *Sink) Handle(ctx context.Context, event events.KinesisEvent) (map[string]any, error) {
	failures := []map[string]any{}
	for _, record := range event.Records {
		if err := s.write(ctx, record.Kinesis); err != nil {
			log.Printf("from %s on: %v", record.Kinesis.SequenceNumber, err)
			failures = append(failures, map[string]any{"itemIdentifier": record.Kinesis.SequenceNumber})
			break
		}
	}
	return map[string]any{"batchItemFailures": failures}, nil
}

func (s *Sink) write(ctx context.Context, r events.KinesisRecord) error {
	_, err := s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(s.bucket), Key: aws.String(fmt.Sprintf("%s/%s", r.PartitionKey, r.SequenceNumber)), Body: bytes.NewReader(r.Data),
	})
	return err
}

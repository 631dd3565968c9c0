// Package deletebatch stores ten readings at once and deletes, with one request, those
// that were stored. The others stay and come back.
package deletebatch

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type Collector struct {
	queue *sqs.Client
	store *s3.Client
	url   string
}

func NewCollector(queue *sqs.Client, store *s3.Client, url string) *Collector {
	return &Collector{queue: queue, store: store, url: url}
}

func (c *Collector) Collect(ctx context.Context) error {
	out, err := c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &c.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
	if err != nil {
		return err
	}
	var stored []types.DeleteMessageBatchRequestEntry
	for i, m := range out.Messages {
		_, err := c.store.PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String("readings"), Key: aws.String("by-message/" + aws.ToString(m.MessageId)), Body: strings.NewReader(aws.ToString(m.Body)),
		})
		if err != nil {
			slog.Error("reading stays in the queue", "id", aws.ToString(m.MessageId), "err", err)
			continue
		}
		stored = append(stored, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle})
	}
	if len(stored) == 0 {
		return nil
	}
	deleted, err := c.queue.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &c.url, Entries: stored})
	if err != nil {
		return err
	}
	for _, f := range deleted.Failed {
		slog.Warn("comes again", "entry", aws.ToString(f.Id), "code", aws.ToString(f.Code))
	}
	return nil
}

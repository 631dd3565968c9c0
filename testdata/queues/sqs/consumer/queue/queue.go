// Package queue is the house's consumer: it receives, hands each message on as a value of
// the handler's own type, and deletes it when the handler returns no error.
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Handler works on one message.
type Handler[T any] func(ctx context.Context, id string, v T) error

// Consumer receives messages of one kind.
type Consumer[T any] struct {
	client *sqs.Client
	url    string
	handle Handler[T]
}

func NewConsumer[T any](client *sqs.Client, url string, handle Handler[T]) *Consumer[T] {
	return &Consumer[T]{client: client, url: url, handle: handle}
}

// Run receives until the context ends, and waits for what is under way.
func (c *Consumer[T]) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		out, err := c.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(c.url), MaxNumberOfMessages: 10, VisibilityTimeout: 120, WaitTimeSeconds: 20,
		})
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		var wg sync.WaitGroup
		for _, m := range out.Messages {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if err := c.one(ctx, m); err != nil {
					slog.Error("message stays", "id", aws.ToString(m.MessageId), "err", err)
				}
			}()
		}
		wg.Wait()
	}
	return ctx.Err()
}

func (c *Consumer[T]) one(ctx context.Context, m types.Message) error {
	var v T
	if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &v); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := c.handle(ctx, aws.ToString(m.MessageId), v); err != nil {
		return err
	}
	done, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := c.client.DeleteMessage(done, &sqs.DeleteMessageInput{QueueUrl: aws.String(c.url), ReceiptHandle: m.ReceiptHandle})
	return err
}

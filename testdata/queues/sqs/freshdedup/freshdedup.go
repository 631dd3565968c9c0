// Package freshdedup passes orders on to the FIFO queue of the warehouse. The
// deduplication id is made up for each attempt, so that it recognises nothing: an order
// that comes twice is passed on twice.
package freshdedup

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"
)

type Forwarder struct {
	client    *sqs.Client
	from, to  string
	warehouse string
}

func (f *Forwarder) Forward(ctx context.Context) error {
	got, err := f.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(f.from), WaitTimeSeconds: 20})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, m := range got.Messages {
		_, err := f.client.SendMessage(ctx, &sqs.SendMessageInput{ // want `changes with each attempt.*\(freshkey\)`
			QueueUrl:               aws.String(f.to),
			MessageBody:            m.Body,
			MessageGroupId:         aws.String(f.warehouse),
			MessageDeduplicationId: aws.String(uuid.NewString()),
		})
		if err != nil {
			return fmt.Errorf("send: %w", err)
		}
		if _, err := f.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(f.from), ReceiptHandle: m.ReceiptHandle}); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	return nil
}

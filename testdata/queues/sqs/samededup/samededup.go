// Package samededup passes orders on to the FIFO queue of the warehouse, with the id of
// the message as deduplication id: a second delivery within five minutes is dropped there.
package samededup

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Queue is what the forwarder needs of SQS.
type Queue interface {
	ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	DeleteMessage(ctx context.Context, in *sqs.DeleteMessageInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
}

var _ Queue = (*sqs.Client)(nil)

type Forwarder struct {
	Queue    Queue
	From, To string
}

func (f Forwarder) Forward(ctx context.Context) error {
	got, err := f.Queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &f.From, WaitTimeSeconds: 20})
	if err != nil || len(got.Messages) == 0 {
		return err
	}
	m := got.Messages[0]
	sent, err := f.Queue.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{
		QueueUrl: &f.To,
		Entries: []types.SendMessageBatchRequestEntry{
			{Id: aws.String("pick"), MessageBody: m.Body, MessageGroupId: aws.String("pick"), MessageDeduplicationId: aws.String(*m.MessageId + "-pick")},
			{Id: aws.String("pack"), MessageBody: m.Body, MessageGroupId: aws.String("pack"), MessageDeduplicationId: aws.String(*m.MessageId + "-pack")},
		},
	})
	if err != nil {
		return err
	}
	if len(sent.Failed) > 0 {
		return fmt.Errorf("%d of 2 were not sent: %s", len(sent.Failed), aws.ToString(sent.Failed[0].Message))
	}
	_, err = f.Queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &f.From, ReceiptHandle: m.ReceiptHandle})
	return err
}

// Package payment deletes from SQS by a bare defer.
package payment

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type payment struct {
	ID     string `json:"id"`
	Amount string `json:"amount"`
}

type Ledger struct {
	queue *sqs.Client
	url   string
	db    *dynamodb.Client
}

func (l *Ledger) Take(ctx context.Context) error {
	out, err := l.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(l.url)})
	if err != nil {
		return err
	}
	for _, msg := range out.Messages {
		if err := l.book(ctx, msg); err != nil {
			return fmt.Errorf("payment %s: %w", aws.ToString(msg.MessageId), err)
		}
	}
	return nil
}

func (l *Ledger) book(ctx context.Context, msg types.Message) error {
	// now: deleteonerror
	defer l.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(l.url), ReceiptHandle: msg.ReceiptHandle})

	var p payment
	if err := json.Unmarshal([]byte(*msg.Body), &p); err != nil {
		return err
	}
	_, err := l.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String("payments"),
		Item: map[string]ddb.AttributeValue{
			"id":     &ddb.AttributeValueMemberS{Value: p.ID},
			"amount": &ddb.AttributeValueMemberN{Value: p.Amount},
		},
	})
	return err
}

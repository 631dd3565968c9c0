// Package addexpr counts the visits of pages with an update expression that adds one. The
// service does that atomically, so that no visit is lost; a message that comes twice
// counts twice.
package addexpr

import (
	"context"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type Counter struct {
	queue *sqs.Client
	db    *dynamodb.Client
	url   string
}

func (c *Counter) Run(ctx context.Context) error {
	for {
		out, err := c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &c.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
		if err != nil {
			return err
		}
		for _, m := range out.Messages {
			if err := c.count(ctx, aws.ToString(m.Body)); err != nil {
				log.Printf("count: %v", err)
				continue
			}
			if _, err := c.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &c.url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				log.Printf("delete: %v", err)
			}
		}
	}
}

func (c *Counter) count(ctx context.Context, page string) error {
	_, err := c.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{ // miss `applies a change.*\(increment\)`
		TableName:                 aws.String("visits"),
		Key:                       map[string]types.AttributeValue{"page": &types.AttributeValueMemberS{Value: page}},
		UpdateExpression:          aws.String("ADD visits :one"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
	})
	return err
}

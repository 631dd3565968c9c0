// Package returninrange stores orders that SQS brings to a Lambda function in batches. A
// body that is no order is logged, and the function returns nil inside the range: Lambda
// deletes the whole batch, also the orders that nobody has looked at.
package returninrange

import (
	"context"
	"encoding/json"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

type order struct {
	ID    string `json:"id" dynamodbav:"id"`
	Total int    `json:"total" dynamodbav:"total"`
}

type Handler struct {
	DB    *dynamodb.Client
	Table string
}

func (h *Handler) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, record := range event.Records {
		var o order
		if err := json.Unmarshal([]byte(record.Body), &o); err != nil {
			log.Printf("message %s is no order: %v", record.MessageId, err)
			return nil // want `settled.*\(earlydelete\)`
		}
		item, err := attributevalue.MarshalMap(o)
		if err != nil {
			return err
		}
		if _, err := h.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(h.Table), Item: item}); err != nil {
			return err
		}
	}
	return nil
}

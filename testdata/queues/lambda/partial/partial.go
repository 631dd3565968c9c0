// Package partial stores orders that SQS brings in batches, and answers with the ids of
// those that failed: they alone come again. A body that is no order is no reason to try
// again.
package partial

import (
	"context"
	"encoding/json"
	"log/slog"

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

func (h *Handler) Handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	var resp events.SQSEventResponse
	for _, record := range event.Records {
		var o order
		if err := json.Unmarshal([]byte(record.Body), &o); err != nil {
			slog.Error("not an order", "id", record.MessageId, "err", err)
			continue
		}
		if err := h.store(ctx, o); err != nil {
			slog.Error("order comes again", "id", record.MessageId, "err", err)
			resp.BatchItemFailures = append(resp.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
		}
	}
	return resp, nil
}

func (h *Handler) store(ctx context.Context, o order) error {
	item, err := attributevalue.MarshalMap(o)
	if err != nil {
		return err
	}
	_, err = h.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(h.Table), Item: item})
	return err
}

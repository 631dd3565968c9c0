// Package batchfirst takes ten orders at once, deletes them with one request, and ships
// them then. The orders of a worker that stops in between are never shipped.
package batchfirst

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type order struct {
	Number string `json:"number"`
	Street string `json:"street"`
}

type Shipper struct {
	q     *sqs.Client
	db    *dynamodb.Client
	queue string
	table string
}

func (s *Shipper) Step(ctx context.Context) error {
	out, err := s.q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(s.queue), MaxNumberOfMessages: 10, WaitTimeSeconds: 20,
	})
	if err != nil {
		return err
	}
	if len(out.Messages) == 0 {
		return nil
	}
	var entries []types.DeleteMessageBatchRequestEntry
	for _, m := range out.Messages {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
	}
	if _, err := s.q.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(s.queue), Entries: entries}); err != nil { // want `\(earlydelete\)`
		return fmt.Errorf("delete: %w", err)
	}
	var failed error
	for _, m := range out.Messages {
		failed = errors.Join(failed, s.ship(ctx, aws.ToString(m.Body)))
	}
	return failed
}

func (s *Shipper) ship(ctx context.Context, body string) error {
	var o order
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		return err
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:        aws.String(s.table),
		Key:              map[string]ddb.AttributeValue{"number": &ddb.AttributeValueMemberS{Value: o.Number}},
		UpdateExpression: aws.String("SET shipped_to = :street"),
		ExpressionAttributeValues: map[string]ddb.AttributeValue{
			":street": &ddb.AttributeValueMemberS{Value: o.Street},
		},
	})
	return err
}

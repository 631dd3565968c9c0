// Package unprocessed stores the lines of a note, twenty-five at a time, and sends again
// what the table had no time for. The lines' ids stand in the message.
package unprocessed

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type line struct{ ID, Text string }

type Notes struct {
	SQS          *sqs.Client
	DB           *dynamodb.Client
	Queue, Table string
}

func (n *Notes) Handle(ctx context.Context, m types.Message) error {
	var lines []line
	if err := json.Unmarshal([]byte(*m.Body), &lines); err != nil {
		return err
	}
	for len(lines) > 0 {
		some := lines[:min(25, len(lines))]
		if err := n.store(ctx, some); err != nil {
			return err
		}
		lines = lines[len(some):]
	}
	_, err := n.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &n.Queue, ReceiptHandle: m.ReceiptHandle})
	return err
}

func (n *Notes) store(ctx context.Context, lines []line) error {
	var puts []ddb.WriteRequest
	for _, l := range lines {
		puts = append(puts, ddb.WriteRequest{PutRequest: &ddb.PutRequest{Item: map[string]ddb.AttributeValue{
			"id": &ddb.AttributeValueMemberS{Value: l.ID}, "text": &ddb.AttributeValueMemberS{Value: l.Text},
		}}})
	}
	left := map[string][]ddb.WriteRequest{n.Table: puts}
	for try := range 5 {
		out, err := n.DB.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: left})
		if err != nil {
			return err
		}
		if left = out.UnprocessedItems; len(left) == 0 {
			return nil
		}
		time.Sleep(time.Duration(100<<try) * time.Millisecond)
	}
	return fmt.Errorf("%d lines are left over", len(left[n.Table]))
}

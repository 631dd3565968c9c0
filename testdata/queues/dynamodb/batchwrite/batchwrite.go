// Package batchwrite stores the lines of a delivery note with one request. Each line's id
// is made up, so that a note that comes twice has all its lines twice.
package batchwrite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/segmentio/ksuid"
)

type note struct {
	Number string
	Lines  []string
}

type Notes struct {
	SQS   *sqs.Client
	DB    *dynamodb.Client
	Queue string
	Table string
}

func (n *Notes) Handle(ctx context.Context, m types.Message) error {
	var in note
	if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &in); err != nil {
		return err
	}
	var puts []ddb.WriteRequest
	for _, line := range in.Lines {
		puts = append(puts, ddb.WriteRequest{PutRequest: &ddb.PutRequest{Item: map[string]ddb.AttributeValue{
			"id":   &ddb.AttributeValueMemberS{Value: ksuid.New().String()},
			"note": &ddb.AttributeValueMemberS{Value: in.Number},
			"text": &ddb.AttributeValueMemberS{Value: line},
		}}})
	}
	out, err := n.DB.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]ddb.WriteRequest{n.Table: puts}}) // want `changes with each attempt.*\(freshkey\)`
	if err != nil {
		return err
	}
	if left := len(out.UnprocessedItems[n.Table]); left > 0 {
		return fmt.Errorf("%d lines are not stored yet", left)
	}
	_, err = n.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &n.Queue, ReceiptHandle: m.ReceiptHandle})
	return err
}

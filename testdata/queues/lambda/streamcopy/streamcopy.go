// Package streamcopy follows a table's stream and keeps a second table for searching: an
// item for each item, removed when the other is. Whatever comes twice is written twice
// alike.
package streamcopy

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Table is what is needed of DynamoDB.
type Table interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

type Search struct {
	table Table
	name  string
}

func New(table *dynamodb.Client, name string) *Search { return &Search{table: table, name: name} }

func (s *Search) Handle(ctx context.Context, event events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	for _, r := range event.Records {
		if err := s.follow(ctx, r); err != nil {
			return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{{ItemIdentifier: r.Change.SequenceNumber}}}, nil
		}
	}
	return events.DynamoDBEventResponse{}, nil
}

func (s *Search) follow(ctx context.Context, r events.DynamoDBEventRecord) error {
	id := r.Change.Keys["id"].String()
	var err error
	switch events.DynamoDBOperationType(r.EventName) {
	case events.DynamoDBOperationTypeRemove:
		_, err = s.table.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: aws.String(s.name), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}},
		})
	default:
		_, err = s.table.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(s.name),
			Item: map[string]types.AttributeValue{
				"id":    &types.AttributeValueMemberS{Value: id},
				"words": &types.AttributeValueMemberS{Value: strings.ToLower(r.Change.NewImage["title"].String())},
			},
		})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return nil
}

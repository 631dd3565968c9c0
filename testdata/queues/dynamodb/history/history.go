// Package history copies the closed orders to the table of the history, as they are, and
// removes them from the table of the open ones. Each step may be done twice.
package history

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type Mover struct {
	db *dynamodb.Client
}

func (m *Mover) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, r := range event.Records {
		if err := m.move(ctx, r.Body); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mover) move(ctx context.Context, order string) error {
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: order}}
	got, err := m.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("open"), Key: key})
	if err != nil {
		return err
	}
	if len(got.Item) == 0 {
		return nil
	}
	if _, err := m.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("history"), Item: got.Item}); err != nil {
		return err
	}
	_, err = m.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String("open"), Key: key})
	return err
}

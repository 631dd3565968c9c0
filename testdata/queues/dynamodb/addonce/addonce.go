// Package addonce counts the visits of pages, each once: a transaction adds one and creates
// a mark of the message under the condition that there is none. Where the mark is there,
// the visit is counted already.
package addonce

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type Counter struct{ DB *dynamodb.Client }

func (c *Counter) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, r := range event.Records {
		if err := c.count(ctx, r.MessageId, r.Body); err != nil {
			return err
		}
	}
	return nil
}

func (c *Counter) count(ctx context.Context, id, page string) error {
	_, err := c.DB.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{
				TableName:           aws.String("visits"),
				Item:                map[string]types.AttributeValue{"page": &types.AttributeValueMemberS{Value: "seen#" + id}},
				ConditionExpression: aws.String("attribute_not_exists(page)"),
			}},
			{Update: &types.Update{
				TableName:                 aws.String("visits"),
				Key:                       map[string]types.AttributeValue{"page": &types.AttributeValueMemberS{Value: page}},
				UpdateExpression:          aws.String("ADD visits :one"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
			}},
		},
	})
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) && len(cancelled.CancellationReasons) > 0 && aws.ToString(cancelled.CancellationReasons[0].Code) == "ConditionalCheckFailed" {
		return nil
	}
	return err
}

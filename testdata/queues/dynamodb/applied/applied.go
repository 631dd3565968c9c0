// Package applied books transfers once: the account keeps the ids of the transfers that its
// balance holds, looks for the message's own first, and is put back under the condition
// that its version is the one that was read.
package applied

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type account struct {
	ID      string   `dynamodbav:"id"`
	Balance int64    `dynamodbav:"balance"`
	Applied []string `dynamodbav:"applied"`
	Version int64    `dynamodbav:"version"`
}

type transfer struct {
	Account string `json:"account"`
	Cents   int64  `json:"cents"`
}

type Handler struct {
	DB    *dynamodb.Client
	Table string
}

func (h *Handler) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, r := range event.Records {
		if err := h.book(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (h *Handler) book(ctx context.Context, r events.SQSMessage) error {
	var t transfer
	if err := json.Unmarshal([]byte(r.Body), &t); err != nil {
		return err
	}
	got, err := h.DB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &h.Table, Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: t.Account}}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return err
	}
	var acc account
	if err := attributevalue.UnmarshalMap(got.Item, &acc); err != nil {
		return err
	}
	if slices.Contains(acc.Applied, r.MessageId) {
		return nil
	}
	read := strconv.FormatInt(acc.Version, 10)
	acc.Balance += t.Cents
	acc.Applied = append(acc.Applied, r.MessageId)
	acc.Version++
	item, err := attributevalue.MarshalMap(acc)
	if err != nil {
		return err
	}
	_, err = h.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                 &h.Table,
		Item:                      item,
		ConditionExpression:       aws.String("attribute_not_exists(id) OR version = :read"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":read": &types.AttributeValueMemberN{Value: read}},
	})
	return err
}

// Package versioned books transfers under the condition that the account's version is still
// the one that was read. No worker loses another's transfer; but a transfer whose message
// comes again is booked again, with the newer version.
package versioned

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type account struct {
	ID      string `dynamodbav:"id"`
	Balance int64  `dynamodbav:"balance"`
	Version int64  `dynamodbav:"version"`
}

type transfer struct {
	Account string `json:"account"`
	Cents   int64  `json:"cents"`
}

type accounts struct {
	db    *dynamodb.Client
	table string
}

func (a *accounts) load(ctx context.Context, id string) (*account, error) {
	got, err := a.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &a.table, Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	var acc account
	if err := attributevalue.UnmarshalMap(got.Item, &acc); err != nil {
		return nil, err
	}
	return &acc, nil
}

func (a *accounts) save(ctx context.Context, acc *account) error {
	read := acc.Version
	acc.Version++
	item, err := attributevalue.MarshalMap(acc)
	if err != nil {
		return err
	}
	_, err = a.db.PutItem(ctx, &dynamodb.PutItemInput{ // want `\(increment\)`
		TableName:                 &a.table,
		Item:                      item,
		ConditionExpression:       aws.String("version = :read"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":read": &types.AttributeValueMemberN{Value: strconv.FormatInt(read, 10)}},
	})
	return err
}

type Handler struct{ accounts *accounts }

func New(db *dynamodb.Client, table string) *Handler { return &Handler{&accounts{db, table}} }

func (h *Handler) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, r := range event.Records {
		var t transfer
		if err := json.Unmarshal([]byte(r.Body), &t); err != nil {
			return err
		}
		acc, err := h.accounts.load(ctx, t.Account)
		if err != nil {
			return err
		}
		acc.Balance += t.Cents
		if err := h.accounts.save(ctx, acc); err != nil {
			return err
		}
	}
	return nil
}

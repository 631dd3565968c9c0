// Package balance books transfers: it reads the account, reckons the new balance, and puts
// the account back without a condition. Two workers that read at once lose a transfer.
package balance

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type account struct {
	Number  string `dynamodbav:"number"`
	Balance int64  `dynamodbav:"balance"`
}

type transfer struct {
	Account string `json:"account"`
	Cents   int64  `json:"cents"`
}

type Bank struct {
	SQS   *sqs.Client
	DB    *dynamodb.Client
	Queue string
}

func (b *Bank) Book(ctx context.Context) error {
	out, err := b.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &b.Queue, WaitTimeSeconds: 20})
	if err != nil || len(out.Messages) == 0 {
		return err
	}
	msg := out.Messages[0]
	var t transfer
	if err := json.Unmarshal([]byte(*msg.Body), &t); err != nil {
		return err
	}
	got, err := b.DB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String("accounts"),
		Key:       map[string]types.AttributeValue{"number": &types.AttributeValueMemberS{Value: t.Account}},
	})
	if err != nil {
		return err
	}
	var acc account
	if err := attributevalue.UnmarshalMap(got.Item, &acc); err != nil {
		return fmt.Errorf("account %s: %w", t.Account, err)
	}
	acc.Balance += t.Cents
	item, err := attributevalue.MarshalMap(acc)
	if err != nil {
		return err
	}
	if _, err := b.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("accounts"), Item: item}); err != nil { // want `read-modify-write without a precondition.*\(etag\)`
		return err
	}
	_, err = b.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &b.Queue, ReceiptHandle: msg.ReceiptHandle})
	return err
}

// Package audited writes an audit record for each login, through the house's generic
// consumer. The record's id is made up in the handler: a login that is delivered twice is
// recorded twice.
package audited

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"

	"github.com/idemlint/idemlint/testdata/queues/sqs/consumer/queue"
)

type login struct {
	User string    `json:"user"`
	At   time.Time `json:"at"`
}

type record struct {
	ID   string    `dynamodbav:"id"`
	User string    `dynamodbav:"user"`
	At   time.Time `dynamodbav:"at"`
}

// Audit keeps the records.
type Audit struct{ DB *dynamodb.Client }

func (a Audit) Run(ctx context.Context, client *sqs.Client) error {
	return queue.NewConsumer(client, "https://sqs.eu-central-1.amazonaws.com/1/logins", a.keep).Run(ctx)
}

func (a Audit) keep(ctx context.Context, _ string, l login) error {
	item, err := attributevalue.MarshalMap(record{ID: uuid.NewString(), User: l.User, At: l.At})
	if err != nil {
		return err
	}
	_, err = a.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("audit"), Item: item}) // want `changes with each attempt.*\(freshkey\)`
	return err
}

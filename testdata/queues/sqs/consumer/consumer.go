// Package consumer mirrors customers into a table, one item for each customer, through the
// house's generic consumer. A second delivery writes the same item.
package consumer

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/idemlint/idemlint/testdata/queues/sqs/consumer/queue"
)

type customer struct {
	ID   string `json:"id" dynamodbav:"id"`
	Name string `json:"name" dynamodbav:"name"`
}

type mirror struct {
	db    *dynamodb.Client
	table string
}

func Run(ctx context.Context, client *sqs.Client, db *dynamodb.Client) error {
	m := &mirror{db: db, table: "customers"}
	return queue.NewConsumer(client, "https://sqs.eu-central-1.amazonaws.com/1/customers", m.store).Run(ctx)
}

func (m *mirror) store(ctx context.Context, _ string, c customer) error {
	item, err := attributevalue.MarshalMap(c)
	if err != nil {
		return err
	}
	_, err = m.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(m.table), Item: item})
	return err
}

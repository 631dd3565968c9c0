// Package builder sets the state of orders with the expression builder. The state is that
// of the message; setting it twice changes nothing.
package builder

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

type change struct {
	Order string `json:"order"`
	State string `json:"state"`
}

type Orders struct {
	client *dynamodb.Client
	table  string
}

func New(cfg aws.Config, table string) *Orders {
	return &Orders{client: dynamodb.NewFromConfig(cfg), table: table}
}

func (o *Orders) Handle(ctx context.Context, event events.SNSEvent) error {
	for _, r := range event.Records {
		if err := o.apply(ctx, r.SNS); err != nil {
			return fmt.Errorf("%s: %w", r.SNS.MessageID, err)
		}
	}
	return nil
}

func (o *Orders) apply(ctx context.Context, n events.SNSEntity) error {
	var c change
	if err := json.Unmarshal([]byte(n.Message), &c); err != nil {
		return err
	}
	key, err := attributevalue.MarshalMap(struct {
		ID string `dynamodbav:"id"`
	}{c.Order})
	if err != nil {
		return err
	}
	update := expression.Set(expression.Name("state"), expression.Value(c.State)).
		Set(expression.Name("changed"), expression.Value(time.Now().UTC().Format(time.RFC3339)))
	expr, err := expression.NewBuilder().WithUpdate(update).Build()
	if err != nil {
		return err
	}
	_, err = o.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &o.table,
		Key:                       key,
		UpdateExpression:          expr.Update(),
		ExpressionAttributeNames:  expr.Names(),
		ExpressionAttributeValues: expr.Values(),
	})
	return err
}

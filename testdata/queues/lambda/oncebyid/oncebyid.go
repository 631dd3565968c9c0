// Package oncebyid books payments that EventBridge announces. The booking is created under
// the event's id and under the condition that there is none yet; where there is one, an
// earlier delivery has made it, and the work is done.
package oncebyid

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type payment struct {
	Account string      `json:"account"`
	Amount  json.Number `json:"amount"`
}

type Bookings struct {
	DB    *dynamodb.Client
	Table string
}

func (b *Bookings) Handle(ctx context.Context, event events.CloudWatchEvent) error {
	var p payment
	if err := json.Unmarshal(event.Detail, &p); err != nil {
		return err
	}
	_, err := b.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(b.Table),
		Item: map[string]types.AttributeValue{
			"id":      &types.AttributeValueMemberS{Value: event.ID},
			"account": &types.AttributeValueMemberS{Value: p.Account},
			"amount":  &types.AttributeValueMemberN{Value: p.Amount.String()},
			"booked":  &types.AttributeValueMemberS{Value: time.Now().Format(time.RFC3339)},
		},
		ConditionExpression: aws.String("attribute_not_exists(id)"),
	})
	var there *types.ConditionalCheckFailedException
	if errors.As(err, &there) {
		log.Printf("payment %s is booked already", event.ID)
		return nil
	}
	return err
}

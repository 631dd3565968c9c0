// Package newestonly keeps the latest exchange rate in one item of a table, under the
// condition that the stored one is older: an old message that comes late is refused, and is
// done with then.
package newestonly

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type rate struct {
	Value json.Number
	At    int64
}

type Rates struct {
	queue *sqs.Client
	db    *dynamodb.Client
	url   string
}

func (f *Rates) Follow(ctx context.Context) error {
	out, err := f.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(f.url), WaitTimeSeconds: 20})
	if err != nil {
		return err
	}
	for _, m := range out.Messages {
		var r rate
		if err := json.Unmarshal([]byte(*m.Body), &r); err != nil {
			log.Printf("no rate: %v", err)
		} else if err := f.set(ctx, r); err != nil {
			return err
		}
		if _, err := f.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(f.url), ReceiptHandle: m.ReceiptHandle}); err != nil {
			return err
		}
	}
	return nil
}

func (f *Rates) set(ctx context.Context, r rate) error {
	_, err := f.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:           aws.String("rates"),
		Key:                 map[string]types.AttributeValue{"pair": &types.AttributeValueMemberS{Value: "EUR/USD"}},
		UpdateExpression:    aws.String("SET rate = :r, at = :t"),
		ConditionExpression: aws.String("attribute_not_exists(at) OR at < :t"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":r": &types.AttributeValueMemberN{Value: r.Value.String()},
			":t": &types.AttributeValueMemberN{Value: strconv.FormatInt(r.At, 10)},
		},
	})
	var newer *types.ConditionalCheckFailedException
	if errors.As(err, &newer) {
		return nil
	}
	return err
}

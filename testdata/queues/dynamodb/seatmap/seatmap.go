// Package seatmap reads how many seats a flight has left and sets the number that it has
// reckoned, with an update expression and without a condition.
package seatmap

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

type flight struct {
	Left int `dynamodbav:"left"`
}

type Seats struct {
	db    *dynamodb.Client
	table string
}

func (s *Seats) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, r := range event.Records {
		var b struct {
			Flight string
			Seats  int
		}
		if err := json.Unmarshal([]byte(r.Body), &b); err != nil {
			return err
		}
		if err := s.take(ctx, b.Flight, b.Seats); err != nil {
			return err
		}
	}
	return nil
}

func (s *Seats) take(ctx context.Context, no string, seats int) error {
	key := map[string]types.AttributeValue{"flight": &types.AttributeValueMemberS{Value: no}}
	got, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(s.table), Key: key})
	if err != nil {
		return err
	}
	var f flight
	if err := attributevalue.UnmarshalMap(got.Item, &f); err != nil {
		return err
	}
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{ // want `read-modify-write without a precondition.*\(etag\)`
		TableName:        aws.String(s.table),
		Key:              key,
		UpdateExpression: aws.String("SET #l = :left"),
		ExpressionAttributeNames: map[string]string{
			"#l": "left",
		},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":left": &types.AttributeValueMemberN{Value: strconv.Itoa(f.Left - seats)},
		},
	})
	return err
}

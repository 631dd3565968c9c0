// Package kinds keeps one item for each device: what it measures goes to the table of
// readings, under the time that the device gives, and its settings to the table of devices.
package kinds

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

type reading struct {
	DeviceID  string  `dynamodbav:"device_id" json:"device"`
	Timestamp int64   `dynamodbav:"timestamp" json:"at"`
	Value     float64 `dynamodbav:"value" json:"value"`
}

type settings struct {
	DeviceID string `dynamodbav:"device_id" json:"device"`
	Name     string `dynamodbav:"name" json:"name"`
}

type Devices struct{ db *dynamodb.Client }

func (d *Devices) Handle(ctx context.Context, event events.KinesisEvent) error {
	for _, r := range event.Records {
		var kind struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(r.Kinesis.Data, &kind); err != nil {
			return fmt.Errorf("record %s: %w", r.EventID, err)
		}
		var err error
		switch kind.Type {
		case "reading":
			var v reading
			if err = json.Unmarshal(r.Kinesis.Data, &v); err == nil {
				err = put(ctx, d.db, "readings", v)
			}
		case "settings":
			var v settings
			if err = json.Unmarshal(r.Kinesis.Data, &v); err == nil {
				err = put(ctx, d.db, "devices", v)
			}
		default:
			err = fmt.Errorf("unknown kind %q", kind.Type)
		}
		if err != nil {
			return fmt.Errorf("record %s: %w", r.EventID, err)
		}
	}
	return nil
}

func put[T any](ctx context.Context, db *dynamodb.Client, table string, v T) error {
	item, err := attributevalue.MarshalMap(v)
	if err != nil {
		return err
	}
	_, err = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(table), Item: item})
	return err
}

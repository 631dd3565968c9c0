// Package ttl keeps a receipt for each payment for thirty days. A second delivery writes
// the receipt again, and it lives some minutes longer: no harm.
package ttl

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type Receipts struct {
	DB    *dynamodb.Client
	Table string
}

func (r *Receipts) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, m := range event.Records {
		var p struct{ ID, Text string }
		if err := json.Unmarshal([]byte(m.Body), &p); err != nil {
			return err
		}
		_, err := r.DB.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(r.Table),
			Item: map[string]types.AttributeValue{
				"id":   &types.AttributeValueMemberS{Value: p.ID},
				"text": &types.AttributeValueMemberS{Value: p.Text},
				"ttl":  &types.AttributeValueMemberN{Value: strconv.FormatInt(time.Now().Add(30*24*time.Hour).Unix(), 10)},
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

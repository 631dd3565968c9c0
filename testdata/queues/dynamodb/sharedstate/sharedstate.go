// Package sharedstate keeps the latest exchange rate in one item of a table. An old message
// that comes late puts its rate over a newer one.
package sharedstate

import (
	"context"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func Follow(ctx context.Context, queue *sqs.Client, db *dynamodb.Client, url string) error {
	for ctx.Err() == nil {
		out, err := queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(url), WaitTimeSeconds: 20})
		if err != nil {
			return err
		}
		for _, m := range out.Messages {
			_, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{ // want `key that several messages share.*\(blobwrite\)`
				TableName:                 aws.String("rates"),
				Key:                       map[string]types.AttributeValue{"pair": &types.AttributeValueMemberS{Value: "EUR/USD"}},
				UpdateExpression:          aws.String("SET rate = :r"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":r": &types.AttributeValueMemberN{Value: *m.Body}},
			})
			if err != nil {
				log.Printf("rate: %v", err)
				continue
			}
			if _, err := queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(url), ReceiptHandle: m.ReceiptHandle}); err != nil {
				log.Printf("delete: %v", err)
			}
		}
	}
	return ctx.Err()
}

// Package badjson drops what is no order, and leaves in the queue what cannot be stored.
package badjson

import (
	"context"
	"encoding/json"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type order struct {
	ID    string
	Total int
}

func Loop(ctx context.Context, q *sqs.Client, db *dynamodb.Client, url string) {
	for ctx.Err() == nil {
		out, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
		if err != nil {
			log.Printf("receive: %v", err)
			continue
		}
		for _, m := range out.Messages {
			var o order
			if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &o); err != nil {
				log.Printf("no order: %v", err)
				if _, err := q.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
					log.Printf("delete: %v", err)
				}
				continue
			}
			item, err := attributevalue.MarshalMap(o)
			if err != nil {
				log.Printf("order %s: %v", o.ID, err)
				continue
			}
			if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: item}); err != nil {
				log.Printf("order %s: %v", o.ID, err)
				continue
			}
			if _, err := q.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				log.Printf("delete: %v", err)
			}
		}
	}
}

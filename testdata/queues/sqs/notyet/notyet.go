// Package notyet sends reminders. A reminder that is not due yet is noted in the calendar
// and hidden until it is: the message stays on purpose.
package notyet

import (
	"context"
	"encoding/json"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type reminder struct {
	ID  string    `json:"id"`
	Due time.Time `json:"due"`
}

type Worker struct {
	queue *sqs.Client
	db    *dynamodb.Client
	url   string
}

func (w *Worker) Poll(ctx context.Context) error {
	out, err := w.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &w.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
	if err != nil {
		return err
	}
	for _, m := range out.Messages {
		if err := w.remind(ctx, m); err != nil {
			log.Printf("reminder: %v", err)
		}
	}
	return nil
}

func (w *Worker) remind(ctx context.Context, m types.Message) error {
	var r reminder
	if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &r); err != nil {
		return err
	}
	wait := time.Until(r.Due)
	if wait > 0 {
		if err := w.state(ctx, r.ID, "waiting"); err != nil {
			return err
		}
		_, err := w.queue.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: &w.url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: int32(min(wait.Seconds()+1, 43200)),
		})
		return err
	}
	if err := w.state(ctx, r.ID, "reminded"); err != nil {
		return err
	}
	_, err := w.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &w.url, ReceiptHandle: m.ReceiptHandle})
	return err
}

func (w *Worker) state(ctx context.Context, id, state string) error {
	_, err := w.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 aws.String("reminders"),
		Key:                       map[string]ddb.AttributeValue{"id": &ddb.AttributeValueMemberS{Value: id}},
		UpdateExpression:          aws.String("SET #s = :s"),
		ExpressionAttributeNames:  map[string]string{"#s": "state"},
		ExpressionAttributeValues: map[string]ddb.AttributeValue{":s": &ddb.AttributeValueMemberS{Value: state}},
	})
	return err
}

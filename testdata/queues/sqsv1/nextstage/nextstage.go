// Package nextstage passes films from one stage to the next: the film is copied to the next
// stage's folder, the next queue is told, and only then is the message deleted. Each step
// may be done twice without harm; the next stage does the same.
package nextstage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/s3"
	"github.com/aws/aws-sdk-go/service/s3/s3iface"
	"github.com/aws/aws-sdk-go/service/sqs"
	"github.com/aws/aws-sdk-go/service/sqs/sqsiface"
)

type film struct {
	Bucket string `json:"bucket"`
	Name   string `json:"name"`
}

type Stage struct {
	SQS      sqsiface.SQSAPI
	S3       s3iface.S3API
	In, Out  string
	From, To string
}

func (s Stage) Work(ctx context.Context) error {
	resp, err := s.SQS.ReceiveMessageWithContext(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(s.In), WaitTimeSeconds: aws.Int64(20)})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		if err := s.pass(ctx, m); err != nil {
			return fmt.Errorf("film %s: %w", aws.StringValue(m.Body), err)
		}
		_, err := s.SQS.DeleteMessageWithContext(context.WithoutCancel(ctx), &sqs.DeleteMessageInput{QueueUrl: aws.String(s.In), ReceiptHandle: m.ReceiptHandle})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s Stage) pass(ctx context.Context, m *sqs.Message) error {
	var f film
	if err := json.Unmarshal([]byte(aws.StringValue(m.Body)), &f); err != nil {
		return err
	}
	_, err := s.S3.CopyObjectWithContext(ctx, &s3.CopyObjectInput{
		Bucket:     aws.String(f.Bucket),
		Key:        aws.String(s.To + "/" + f.Name),
		CopySource: aws.String(f.Bucket + "/" + s.From + "/" + f.Name),
	})
	if err != nil {
		return err
	}
	_, err = s.SQS.SendMessageWithContext(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(s.Out), MessageBody: m.Body})
	return err
}

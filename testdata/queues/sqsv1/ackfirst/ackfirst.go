// Package ackfirst sends orders to the accounting by SNS, through an in-house queue type
// that deletes what it hands out: a crash between the two loses the order.
package ackfirst

import (
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/sns"
	"github.com/aws/aws-sdk-go/service/sns/snsiface"
	"github.com/aws/aws-sdk-go/service/sqs"
	"github.com/aws/aws-sdk-go/service/sqs/sqsiface"
)

var errEmpty = errors.New("no order")

type orders struct {
	api sqsiface.SQSAPI
	url string
}

func (q *orders) next() (string, error) {
	out, err := q.api.ReceiveMessage(&sqs.ReceiveMessageInput{QueueUrl: &q.url, WaitTimeSeconds: aws.Int64(20)})
	if err != nil {
		return "", fmt.Errorf("receive: %w", err)
	}
	if len(out.Messages) == 0 {
		return "", errEmpty
	}
	m := out.Messages[0]
	if _, err := q.api.DeleteMessage(&sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: m.ReceiptHandle}); err != nil { // want `\(earlydelete\)`
		return "", fmt.Errorf("delete: %w", err)
	}
	return aws.StringValue(m.Body), nil
}

type Forwarder struct {
	orders *orders
	topic  snsiface.SNSAPI
	arn    string
}

func New(queue sqsiface.SQSAPI, topic snsiface.SNSAPI, url, arn string) *Forwarder {
	return &Forwarder{orders: &orders{api: queue, url: url}, topic: topic, arn: arn}
}

func (f *Forwarder) Run() {
	for {
		body, err := f.orders.next()
		if errors.Is(err, errEmpty) {
			continue
		}
		if err != nil {
			log.Println(err)
			time.Sleep(time.Second)
			continue
		}
		if _, err := f.topic.Publish(&sns.PublishInput{TopicArn: &f.arn, Message: aws.String(body)}); err != nil {
			log.Println("publish:", err)
		}
	}
}

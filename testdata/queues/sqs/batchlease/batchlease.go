// Package batchlease notifies shops of changed prices: up to ten messages come at once,
// are hidden for one minute, and are worked on one after the other, each with an HTTP
// call that may take fifteen seconds. The tenth shop is called when its message has long
// been shown to another worker.
package batchlease

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type Notifier struct {
	queue    *sqs.Client
	queueURL string
	shop     string
	http     *http.Client
}

func New(queue *sqs.Client, queueURL, shop string) *Notifier {
	return &Notifier{queue: queue, queueURL: queueURL, shop: shop, http: &http.Client{Timeout: 15 * time.Second}}
}

func (n *Notifier) Run(ctx context.Context) error {
	for {
		out, err := n.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:            aws.String(n.queueURL),
			MaxNumberOfMessages: 10,
			VisibilityTimeout:   60,
			WaitTimeSeconds:     20,
		})
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, msg := range out.Messages {
			if err := n.notify(ctx, msg); err != nil {
				log.Printf("price change %s stays in the queue: %v", aws.ToString(msg.MessageId), err)
				continue
			}
			if _, err := n.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{
				QueueUrl: aws.String(n.queueURL), ReceiptHandle: msg.ReceiptHandle,
			}); err != nil {
				log.Printf("delete: %v", err)
			}
		}
	}
}

func (n *Notifier) notify(ctx context.Context, msg types.Message) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, n.shop+"/prices/"+aws.ToString(msg.MessageId), bytes.NewBufferString(aws.ToString(msg.Body)))
	if err != nil {
		return err
	}
	resp, err := n.http.Do(req) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("shop answered %s", resp.Status)
	}
	return nil
}

// Package retrylater calls customers' hooks. Where a hook fails, the message is hidden for
// longer each time before it comes again; after six deliveries it goes to the dead-letter
// queue and is deleted here. Nothing is lost.
package retrylater

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const tries = 6

type Hooks struct {
	client      *sqs.Client
	queue, dead string
	http        http.Client
}

func New(client *sqs.Client, queue, dead string) *Hooks {
	return &Hooks{client: client, queue: queue, dead: dead, http: http.Client{Timeout: 10 * time.Second}}
}

func (h *Hooks) Run(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := h.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &h.queue, VisibilityTimeout: 60, WaitTimeSeconds: 20,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
		})
		if err != nil {
			log.Printf("receive: %v", err)
			time.Sleep(time.Second)
			continue
		}
		for _, m := range out.Messages {
			h.handle(ctx, m)
		}
	}
}

func (h *Hooks) handle(ctx context.Context, m types.Message) {
	err := h.call(ctx, m)
	if err != nil {
		n, _ := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		if n < tries {
			log.Printf("hook failed %d times: %v", n, err)
			h.later(ctx, m, int32(60*n))
			return
		}
		if err := h.bury(ctx, m); err != nil {
			log.Printf("dead-letter queue: %v", err)
			return
		}
	}
	if _, err := h.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &h.queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
		log.Printf("delete: %v", err)
	}
}

func (h *Hooks) call(ctx context.Context, m types.Message) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, "https://hooks.example.com/"+aws.ToString(m.MessageId), strings.NewReader(aws.ToString(m.Body)))
	if err != nil {
		return err
	}
	resp, err := h.http.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("hook answered %s", resp.Status)
	}
	return nil
}

func (h *Hooks) later(ctx context.Context, m types.Message, seconds int32) {
	_, err := h.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &h.queue, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds})
	if err != nil {
		log.Printf("visibility: %v", err)
	}
}

func (h *Hooks) bury(ctx context.Context, m types.Message) error {
	_, err := h.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &h.dead, MessageBody: m.Body})
	return err
}

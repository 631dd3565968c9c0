// Package restykey opens an account at a bank for each application.
//
// Right: the application's number goes along as the request's id.
package restykey

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/go-resty/resty/v2"
)

type application struct{ Number, Name string }

// Clerk opens accounts.
type Clerk struct {
	queue *azqueue.QueueClient
	bank  *resty.Client
}

// NewClerk makes one.
func NewClerk(queue *azqueue.QueueClient, bank string) *Clerk {
	return &Clerk{queue, resty.New().SetBaseURL(bank).SetTimeout(10 * time.Second).SetRetryCount(2)}
}

// Open handles one message.
func (c *Clerk) Open(ctx context.Context) error {
	resp, err := c.queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var a application
	if err := json.Unmarshal([]byte(*m.MessageText), &a); err != nil {
		return err
	}
	answer, err := c.bank.R().SetContext(ctx).
		SetHeader("X-Request-Id", "application-"+a.Number).
		SetBody(a).
		Post("/accounts")
	if err != nil {
		return err
	}
	if answer.IsError() {
		return fmt.Errorf("application %s: %s", a.Number, answer.Status())
	}
	_, err = c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

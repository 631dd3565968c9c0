// Package reminder texts patients before an appointment.
package reminder

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// delivery is a message as the rest of the package sees it.
type delivery struct {
	id      string
	receipt string
	body    []byte
	count   int64
}

// base is embedded in all consumers of the team.
type base struct {
	queue *azqueue.QueueClient
	lease time.Duration
}

func (b *base) fetch(ctx context.Context) (*delivery, error) {
	resp, err := b.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(b.lease / time.Second))})
	if err != nil {
		return nil, err
	}
	if len(resp.Messages) == 0 {
		return nil, nil
	}
	m := resp.Messages[0]
	body, err := base64.StdEncoding.DecodeString(*m.MessageText)
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	return &delivery{id: *m.MessageID, receipt: *m.PopReceipt, body: body, count: *m.DequeueCount}, nil
}

func (b *base) ack(ctx context.Context, d *delivery) {
	_, _ = b.queue.DeleteMessage(ctx, d.id, d.receipt, nil) // want `error of the settle is dropped.*\(missingdelete\)`
}

type reminder struct {
	Phone string    `json:"phone"`
	Text  string    `json:"text"`
	At    time.Time `json:"at"`
}

// Consumer sends reminders.
type Consumer struct {
	base
	gateway string
	token   string
	client  *http.Client
}

// NewConsumer returns a Consumer.
func NewConsumer(q *azqueue.QueueClient, gateway, token string) *Consumer {
	return &Consumer{
		base:    base{queue: q, lease: time.Minute},
		gateway: gateway,
		token:   token,
		client:  &http.Client{Timeout: 10 * time.Second},
	}
}

// Run sends until the context ends.
func (c *Consumer) Run(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return nil
		}
		d, err := c.fetch(ctx)
		if err != nil {
			log.Printf("reminder: fetch: %v", err)
			time.Sleep(time.Second)
			continue
		}
		if d == nil {
			time.Sleep(500 * time.Millisecond)
			continue
		}
		if err := c.remind(ctx, d.body); err != nil {
			log.Printf("reminder: %s (delivery %d): %v", d.id, d.count, err)
			continue
		}
		c.ack(ctx, d)
	}
}

func (c *Consumer) remind(ctx context.Context, body []byte) error {
	var r reminder
	if err := json.Unmarshal(body, &r); err != nil {
		return err
	}
	payload, err := json.Marshal(map[string]string{"to": r.Phone, "body": r.Text})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.gateway+"/messages", bytes.NewReader(payload))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.client.Do(req) // want `HTTP Do sends a POST without an idempotency key.*\(sideeffect\)`
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("gateway: %s", resp.Status)
	}
	return nil
}

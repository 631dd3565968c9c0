// Package irrigation opens sluices, by way of a generic consumer.
//
// Right: the consumer derives the lease from the time it allows for the work: twice as long.
package irrigation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Consumer handles payloads of type T.
type Consumer[T any] struct {
	queue   *azqueue.QueueClient
	allowed time.Duration
	handle  func(context.Context, string, T) error
}

// NewConsumer allows the given time for each message.
func NewConsumer[T any](queue *azqueue.QueueClient, allowed time.Duration, handle func(context.Context, string, T) error) *Consumer[T] {
	return &Consumer[T]{queue: queue, allowed: allowed, handle: handle}
}

// Next handles one message.
func (c *Consumer[T]) Next(ctx context.Context) error {
	r, err := c.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(2 * c.allowed / time.Second))})
	if err != nil {
		return err
	}
	for _, m := range r.Messages {
		if err := c.one(ctx, *m.MessageID, *m.MessageText); err != nil {
			return fmt.Errorf("message %s, delivery %d: %w", *m.MessageID, *m.DequeueCount, err)
		}
		if _, err := c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c *Consumer[T]) one(ctx context.Context, id, text string) error {
	var payload T
	if err := json.Unmarshal([]byte(text), &payload); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.allowed)
	defer cancel()
	return c.handle(ctx, id, payload)
}

// Sluice says how far to open.
type Sluice struct {
	Name    string
	Percent int
}

// Sluices returns the consumer for sluices.
func Sluices(queue *azqueue.QueueClient, plc string) *Consumer[Sluice] {
	return NewConsumer(queue, time.Minute, func(ctx context.Context, id string, s Sluice) error {
		body := strings.NewReader(fmt.Sprintf("%s=%d", s.Name, s.Percent))
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, plc+"/orders/"+id, body)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
}

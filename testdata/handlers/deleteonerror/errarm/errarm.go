// Package errarm pays out refunds through a provider that knows them by their ids.
//
// Wrong: the message is deleted in the error arm as well, "so that it does not block the queue"; a provider that is
// down for a minute, and the customer never sees his money.
//
// Message: {"refund":"rf-8","cents":1999}
package errarm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Cashier pays out.
type Cashier struct {
	Refunds  *azqueue.QueueClient
	HTTP     *http.Client
	Provider string
}

type refund struct {
	Refund string `json:"refund"`
	Cents  int    `json:"cents"`
}

// Pay pays the next refund.
func (c *Cashier) Pay(ctx context.Context) error {
	r, err := c.Refunds.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var x refund
	if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
		return fmt.Errorf("refund %s: %w", *m.MessageID, err)
	}
	if err := c.payout(ctx, x); err != nil {
		// Do not let it block the others.
		return errors.Join(fmt.Errorf("refund %s: %w", x.Refund, err), c.done(ctx, m))
	}
	return c.done(ctx, m)
}

func (c *Cashier) done(ctx context.Context, m *azqueue.DequeuedMessage) error {
	_, err := c.Refunds.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `\(deleteonerror\)`
	return err
}

func (c *Cashier) payout(ctx context.Context, x refund) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	body := strings.NewReader(fmt.Sprintf(`{"cents":%d}`, x.Cents))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Provider+"/refunds", body)
	if err != nil {
		return err
	}
	req.Header.Set("Idempotency-Key", x.Refund)
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("provider: %s", resp.Status)
	}
	return nil
}

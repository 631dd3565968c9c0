// Package idemderived has a payment service charge the customers of due bills.
//
// Right although it posts: the key that makes the charge idempotent is the bill's, the
// same however often the bill is delivered, and the service charges once per key.
//
// Message: {"bill":"b-1","customer":"c-1","cents":1999}
package idemderived

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type bill struct {
	Bill     string `json:"bill"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

func (b bill) key() string { return "bill-" + b.Bill }

// Cashier charges customers.
type Cashier struct {
	Queue    *azqueue.QueueClient
	HTTP     *http.Client
	Payments string // where the payment service is
}

// Run charges until ctx ends.
func (c *Cashier) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := c.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var b bill
		if err := json.Unmarshal([]byte(*m.MessageText), &b); err != nil {
			return err
		}
		if err := c.charge(ctx, b); err != nil {
			return fmt.Errorf("bill %s: %w", b.Bill, err)
		}
		if _, err := c.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (c *Cashier) charge(ctx context.Context, b bill) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Payments+"/charges", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request := uuid.NewString()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", b.key())
	req.Header.Set("X-Request-Id", request)
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	slog.Info("charged", "bill", b.Bill, "request", request, "status", resp.Status)
	if resp.StatusCode >= 300 {
		return fmt.Errorf("payment service: %s", resp.Status)
	}
	return nil
}

// Package charge has a payment service charge the customers of due bills.
//
// Wrong: the key that is to make the charge idempotent is another one each time.
// Charged, the answer or the delete lost, delivered again: charged under a new key.
//
// Message: {"bill":"b-1","customer":"c-1","cents":1999}
package charge

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type bill struct {
	Bill     string `json:"bill"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

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
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key())
	resp, err := c.HTTP.Do(req) // want `\(freshkey\)`
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("payment service: %s", resp.Status)
	}
	return nil
}

func key() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return "chg_" + hex.EncodeToString(b[:])
}

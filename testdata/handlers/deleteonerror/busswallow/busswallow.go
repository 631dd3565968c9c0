// Package busswallow tells suppliers of orders; the telling is behind an interface.
//
// Wrong: webhook.Notify swallows its errors ("a supplier's trouble is not ours"), so Handle always returns nil, and
// the message of an order no supplier has heard of is completed.
//
// Message: {"order":"or-6","supplier":"acme"}
package busswallow

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Notifier tells a supplier of an order.
type Notifier interface {
	Notify(ctx context.Context, supplier, order string, body []byte) error
}

type webhook struct {
	client *http.Client
	base   string
}

func (w webhook) Notify(ctx context.Context, supplier, order string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, w.base+"/"+supplier+"/orders/"+order, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := w.client.Do(req)
	if err != nil {
		log.Printf("supplier %s: %v", supplier, err)
		return nil
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		log.Printf("supplier %s: %s", supplier, resp.Status)
	}
	return nil
}

// Orders passes orders on.
type Orders struct {
	in       *azservicebus.Receiver
	notifier Notifier
}

// New wires Orders.
func New(in *azservicebus.Receiver, client *http.Client, base string) *Orders {
	return &Orders{in: in, notifier: webhook{client, base}}
}

// Handle passes one order on.
func (o *Orders) Handle(ctx context.Context) error {
	msgs, err := o.in.ReceiveMessages(ctx, 1, nil)
	if err != nil {
		return err
	}
	for _, m := range msgs {
		var x struct{ Order, Supplier string }
		if err := json.Unmarshal(m.Body, &x); err != nil {
			return fmt.Errorf("order %s: %w", m.MessageID, err)
		}
		if err := o.notifier.Notify(ctx, x.Supplier, x.Order, m.Body); err != nil {
			return fmt.Errorf("order %s: %w", x.Order, err)
		}
		if err := o.in.CompleteMessage(ctx, m, nil); err != nil { // want `\(deleteonerror\)`
			return fmt.Errorf("complete %s: %w", m.MessageID, err)
		}
	}
	return nil
}

// Package ledger marks invoices of an account as paid, from a Service Bus queue
// into a Cosmos container.
//
// Right: ReplaceItem is sent with IfMatchEtag of the ReadItem whose document it
// changes. The closures share the version through a captured variable.
package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type account struct {
	ID       string            `json:"id"`
	Invoices map[string]string `json:"invoices"`
}

type payment struct {
	Account   string `json:"account"`
	Invoice   string `json:"invoice"`
	Reference string `json:"reference"`
}

// Consumer wires the queue to the container.
type Consumer struct {
	Receiver *azservicebus.Receiver
	Accounts *azcosmos.ContainerClient
}

// Once receives up to ten payments and handles them.
func (c Consumer) Once(ctx context.Context) error {
	msgs, err := c.Receiver.ReceiveMessages(ctx, 10, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, m := range msgs {
		if err := c.pay(ctx, m.Body); err != nil {
			slog.Error("payment not booked", "message", m.MessageID, "attempt", m.DeliveryCount, "err", err)
			if err := c.Receiver.AbandonMessage(ctx, m, nil); err != nil {
				return fmt.Errorf("abandon: %w", err)
			}
			continue
		}
		if err := c.Receiver.CompleteMessage(ctx, m, nil); err != nil {
			return fmt.Errorf("complete: %w", err)
		}
	}
	return nil
}

func (c Consumer) pay(ctx context.Context, body []byte) error {
	var p payment
	if err := json.Unmarshal(body, &p); err != nil {
		return err
	}
	pk := azcosmos.NewPartitionKeyString(p.Account)

	var version azcore.ETag
	load := func() (a account, err error) {
		item, err := c.Accounts.ReadItem(ctx, pk, p.Account, nil)
		if err != nil {
			return a, err
		}
		version = item.ETag
		return a, json.Unmarshal(item.Value, &a)
	}
	save := func(a account) error {
		doc, err := json.Marshal(a)
		if err != nil {
			return err
		}
		_, err = c.Accounts.ReplaceItem(ctx, pk, a.ID, doc, &azcosmos.ItemOptions{IfMatchEtag: &version})
		return err
	}

	for range 3 {
		a, err := load()
		if err != nil {
			return err
		}
		if a.Invoices[p.Invoice] == p.Reference {
			return nil // booked by an earlier delivery
		}
		a.Invoices[p.Invoice] = p.Reference
		err = save(a)
		var failed *azcore.ResponseError
		if errors.As(err, &failed) && failed.StatusCode == http.StatusPreconditionFailed {
			continue
		}
		return err
	}
	return errors.New("account too busy")
}

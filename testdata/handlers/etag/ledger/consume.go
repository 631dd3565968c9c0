// Package ledger marks invoices of an account as paid, from a Service Bus queue
// into a Cosmos container.
package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type account struct {
	ID       string            `json:"id"`
	Owner    string            `json:"owner"`
	Invoices map[string]string `json:"invoices"`
}

type payment struct {
	Account, Invoice, Reference string
}

// Consume receives payments until the receiver fails or the context ends.
func Consume(ctx context.Context, rcv *azservicebus.Receiver, accounts *azcosmos.ContainerClient) error {
	load := func(id string) (a account, err error) {
		item, err := accounts.ReadItem(ctx, azcosmos.NewPartitionKeyString(id), id, nil)
		if err != nil {
			return a, err
		}
		return a, json.Unmarshal(item.Value, &a)
	}
	save := func(a account) error {
		doc, err := json.Marshal(a)
		if err != nil {
			return err
		}
		_, err = accounts.ReplaceItem(ctx, azcosmos.NewPartitionKeyString(a.ID), a.ID, doc, nil) // want `read-modify-write without a precondition.*\(etag\)`
		return err
	}
	settle := func(p payment) error {
		a, err := load(p.Account)
		if err != nil {
			return fmt.Errorf("load %s: %w", p.Account, err)
		}
		a.Invoices[p.Invoice] = p.Reference
		if err := save(a); err != nil {
			return fmt.Errorf("save %s: %w", p.Account, err)
		}
		return nil
	}

	for {
		msgs, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			var p payment
			if err := json.Unmarshal(m.Body, &p); err != nil {
				reason := "not a payment"
				if err := rcv.DeadLetterMessage(ctx, m, &azservicebus.DeadLetterOptions{Reason: &reason}); err != nil {
					return err
				}
				continue
			}
			if err := settle(p); err != nil {
				log.Printf("payment %s: %v", m.MessageID, err)
				if err := rcv.AbandonMessage(ctx, m, nil); err != nil {
					return err
				}
				continue
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

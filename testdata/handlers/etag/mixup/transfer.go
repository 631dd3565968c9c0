// Package transfer hands the ownership of a domain from one account to another.
package transfer

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type transfer struct {
	Domain   string `json:"domain"`
	NewOwner string `json:"newOwner"`
}

type zone struct {
	ID      string            `json:"id"`
	Owner   string            `json:"owner"`
	Contact string            `json:"contact"`
	Records map[string]string `json:"records"`
}

type account struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

// Registrar transfers domains.
type Registrar struct {
	zones    *azcosmos.ContainerClient
	accounts *azcosmos.ContainerClient
	rcv      *azservicebus.Receiver
}

// NewRegistrar returns a Registrar.
func NewRegistrar(rcv *azservicebus.Receiver, zones, accounts *azcosmos.ContainerClient) *Registrar {
	return &Registrar{zones: zones, accounts: accounts, rcv: rcv}
}

// Serve runs until the receiver fails.
func (r *Registrar) Serve(ctx context.Context) error {
	for {
		msgs, err := r.rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("transfer: %w", err)
		}
		for _, m := range msgs {
			if err := r.transfer(ctx, m.Body); err != nil {
				log.Printf("transfer %s, delivery %d: %v", m.MessageID, m.DeliveryCount, err)
				if err := r.rcv.AbandonMessage(ctx, m, nil); err != nil {
					return fmt.Errorf("transfer: abandon: %w", err)
				}
				continue
			}
			if err := r.rcv.CompleteMessage(ctx, m, nil); err != nil {
				return fmt.Errorf("transfer: complete: %w", err)
			}
		}
	}
}

func read(ctx context.Context, c *azcosmos.ContainerClient, id string, into any) (azcore.ETag, error) {
	item, err := c.ReadItem(ctx, azcosmos.NewPartitionKeyString(id), id, nil)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", id, err)
	}
	return item.ETag, json.Unmarshal(item.Value, into)
}

func (r *Registrar) transfer(ctx context.Context, body []byte) error {
	var t transfer
	if err := json.Unmarshal(body, &t); err != nil {
		return err
	}
	var z zone
	etag, err := read(ctx, r.zones, t.Domain, &z)
	if err != nil {
		return err
	}
	var a account
	etag, err = read(ctx, r.accounts, t.NewOwner, &a) // the zone's version is gone
	if err != nil {
		return err
	}
	z.Owner, z.Contact = a.ID, a.Email
	doc, err := json.Marshal(z)
	if err != nil {
		return err
	}
	opts := &azcosmos.ItemOptions{}
	opts.IfMatchEtag = &etag
	_, err = r.zones.ReplaceItem(ctx, azcosmos.NewPartitionKeyString(z.ID), z.ID, doc, opts) // want `precondition from another read.*\(etag\)`
	return err
}

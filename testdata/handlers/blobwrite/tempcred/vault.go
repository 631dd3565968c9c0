// Package tempcred opens doors for contractors: a badge is valid for as many
// hours as the order says, counted from the attempt that wrote it.
package tempcred

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Badge opens doors.
type Badge struct {
	ID         string   `json:"id"`
	Contractor string   `json:"contractor"`
	Doors      []string `json:"doors"`
	ValidUntil int64    `json:"validUntil"`
}

// Vault keeps badges.
type Vault interface {
	Keep(ctx context.Context, b Badge) error
}

type cosmosVault struct {
	badges *azcosmos.ContainerClient
}

func (v *cosmosVault) Keep(ctx context.Context, b Badge) error {
	doc, err := json.Marshal(b)
	if err != nil {
		return err
	}
	pk := azcosmos.NewPartitionKeyString(b.Contractor)
	if _, err := v.badges.UpsertItem(ctx, pk, doc, nil); err != nil { // want `content that differs from attempt to attempt.*\(blobwrite\)`
		return fmt.Errorf("badge %s: %w", b.ID, err)
	}
	return nil
}

type order struct {
	Number     string   `json:"number"`
	Contractor string   `json:"contractor"`
	Doors      []string `json:"doors"`
	Hours      int      `json:"hours"`
}

// Office writes badges.
type Office struct {
	orders *azservicebus.Receiver
	vault  Vault
	now    func() time.Time
}

// NewOffice returns an Office that keeps badges in Cosmos.
func NewOffice(orders *azservicebus.Receiver, badges *azcosmos.ContainerClient) *Office {
	return &Office{orders: orders, vault: &cosmosVault{badges: badges}, now: time.Now}
}

// Hours serves until the receiver fails.
func (o *Office) Hours(ctx context.Context) error {
	for {
		msgs, err := o.orders.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := o.write(ctx, m); err != nil {
				log.Printf("order %s: %v", m.MessageID, err)
				if err := o.orders.AbandonMessage(ctx, m, nil); err != nil {
					return err
				}
				continue
			}
			if err := o.orders.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

func (o *Office) write(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	var ord order
	if err := json.Unmarshal(m.Body, &ord); err != nil {
		return err
	}
	until := o.now().Add(time.Duration(ord.Hours) * time.Hour)
	return o.vault.Keep(ctx, Badge{
		ID:         ord.Number,
		Contractor: ord.Contractor,
		Doors:      ord.Doors,
		ValidUntil: until.Unix(),
	})
}

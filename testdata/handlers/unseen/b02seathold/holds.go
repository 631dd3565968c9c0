// Package seathold holds seats for customers who are about to pay.
package seathold

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Holds keeps seats.
type Holds struct {
	table *aztables.Client
	now   func() time.Time // replaced in tests
	hold  time.Duration
}

// NewHolds holds seats for a quarter of an hour.
func NewHolds(table *aztables.Client) *Holds {
	return &Holds{table: table, now: time.Now, hold: 15 * time.Minute}
}

// Serve handles requests until the context is done.
func Serve(ctx context.Context, r *azservicebus.Receiver, table *aztables.Client) error {
	h := NewHolds(table)
	c := &Consumer{receiver: r, log: slog.Default()}
	return c.Run(ctx, h.Handle)
}

type request struct {
	Hold     string   `json:"hold"`
	Show     string   `json:"show"`
	Customer string   `json:"customer"`
	Seats    []string `json:"seats"`
}

type row struct {
	aztables.Entity
	Customer  string
	Seats     string
	HeldUntil aztables.EDMDateTime
}

// Handle is the Handler.
func (h *Holds) Handle(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	var r request
	if err := json.Unmarshal(msg.Body, &r); err != nil {
		return fmt.Errorf("request %s: %w", msg.MessageID, err)
	}
	seats, err := json.Marshal(r.Seats)
	if err != nil {
		return err
	}
	entity := row{
		Entity:    aztables.Entity{PartitionKey: r.Show, RowKey: r.Hold},
		Customer:  r.Customer,
		Seats:     string(seats),
		HeldUntil: aztables.EDMDateTime(h.until()),
	}
	data, err := json.Marshal(entity)
	if err != nil {
		return err
	}
	_, err = h.table.UpsertEntity(ctx, data, nil) // want `content that differs from attempt to attempt.*\(blobwrite\)`
	return err
}

func (h *Holds) until() time.Time { return h.now().UTC().Add(h.hold) }

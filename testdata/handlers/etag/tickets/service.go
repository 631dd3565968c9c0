package tickets

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
)

// Ticket is a support ticket.
type Ticket struct {
	ID       string            `json:"id"`
	Customer string            `json:"customer"`
	State    string            `json:"state"`
	Notes    map[string]string `json:"notes"`
}

// Repository keeps tickets.
type Repository interface {
	Get(ctx context.Context, customer, id string) (Ticket, error)
	Put(ctx context.Context, t Ticket) error
}

type cosmos struct {
	items *azcosmos.ContainerClient
}

// NewCosmos keeps tickets in a Cosmos container.
func NewCosmos(items *azcosmos.ContainerClient) Repository {
	return &cosmos{items: items}
}

func (c *cosmos) Get(ctx context.Context, customer, id string) (Ticket, error) {
	var t Ticket
	item, err := c.items.ReadItem(ctx, azcosmos.NewPartitionKeyString(customer), id, nil)
	if err != nil {
		return t, fmt.Errorf("get ticket %s: %w", id, err)
	}
	if err := json.Unmarshal(item.Value, &t); err != nil {
		return t, fmt.Errorf("get ticket %s: %w", id, err)
	}
	return t, nil
}

func (c *cosmos) Put(ctx context.Context, t Ticket) error {
	doc, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("put ticket %s: %w", t.ID, err)
	}
	_, err = c.items.UpsertItem(ctx, azcosmos.NewPartitionKeyString(t.Customer), doc, nil) // want `read-modify-write without a precondition.*\(etag\)`
	if err != nil {
		return fmt.Errorf("put ticket %s: %w", t.ID, err)
	}
	return nil
}

// Desk handles what agents and customers write.
type Desk struct {
	Queue *Queue
	Repo  Repository
}

type reply struct {
	Customer, Ticket, Text, State string
}

// Work handles one batch.
func (d *Desk) Work(ctx context.Context) error {
	msgs, err := d.Queue.Receive(ctx, 5)
	if err != nil {
		return err
	}
	for _, m := range msgs {
		if err := d.reply(ctx, m); err != nil {
			slog.Warn("reply not filed", "message", m.ID, "attempts", m.Attempts, "err", err)
			continue
		}
		if err := d.Queue.Delete(ctx, m); err != nil {
			slog.Warn("reply filed, message not deleted", "message", m.ID, "err", err)
		}
	}
	return nil
}

func (d *Desk) reply(ctx context.Context, m Message) error {
	var r reply
	if err := json.Unmarshal(m.Body, &r); err != nil {
		return err
	}
	t, err := d.Repo.Get(ctx, r.Customer, r.Ticket)
	if err != nil {
		return err
	}
	t.Notes[m.ID] = r.Text
	t.State = r.State
	return d.Repo.Put(ctx, t)
}

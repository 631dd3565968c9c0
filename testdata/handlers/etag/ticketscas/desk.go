// Package tickets moves support tickets through their states.
//
// Right: Put is conditional on the ETag that Get stored in the ticket itself;
// the interface hides it, the implementation in this package shows it.
package tickets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Ticket is a support ticket.
type Ticket struct {
	ID       string            `json:"id"`
	Customer string            `json:"customer"`
	Notes    map[string]string `json:"notes"`

	etag azcore.ETag
}

type repository interface {
	get(ctx context.Context, customer, id string) (*Ticket, error)
	put(ctx context.Context, t *Ticket) error
}

var errStale = errors.New("ticket is stale")

type cosmosRepository struct{ *azcosmos.ContainerClient }

func (c cosmosRepository) get(ctx context.Context, customer, id string) (*Ticket, error) {
	item, err := c.ReadItem(ctx, azcosmos.NewPartitionKeyString(customer), id, nil)
	if err != nil {
		return nil, err
	}
	t := &Ticket{etag: item.ETag}
	if err := json.Unmarshal(item.Value, t); err != nil {
		return nil, err
	}
	return t, nil
}

func (c cosmosRepository) put(ctx context.Context, t *Ticket) error {
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	opts := azcosmos.ItemOptions{EnableContentResponseOnWrite: false, IfMatchEtag: &t.etag}
	_, err = c.UpsertItem(ctx, azcosmos.NewPartitionKeyString(t.Customer), doc, &opts)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed {
		return errStale
	}
	return err
}

// envelope is a message without the SDK.
type envelope struct {
	id, receipt string
	body        []byte
}

type mailbox struct{ c *azqueue.QueueClient }

func (b mailbox) receive(ctx context.Context) (*envelope, error) {
	r, err := b.c.DequeueMessage(ctx, nil)
	if err != nil || len(r.Messages) == 0 {
		return nil, err
	}
	m := r.Messages[0]
	return &envelope{id: *m.MessageID, receipt: *m.PopReceipt, body: []byte(*m.MessageText)}, nil
}

func (b mailbox) delete(ctx context.Context, e *envelope) error {
	_, err := b.c.DeleteMessage(ctx, e.id, e.receipt, nil)
	return err
}

// Desk handles what agents and customers write.
type Desk struct {
	in   mailbox
	repo repository
}

// NewDesk returns a Desk.
func NewDesk(q *azqueue.QueueClient, items *azcosmos.ContainerClient) *Desk {
	return &Desk{in: mailbox{q}, repo: cosmosRepository{items}}
}

// Step handles at most one message.
func (d *Desk) Step(ctx context.Context) error {
	e, err := d.in.receive(ctx)
	if err != nil || e == nil {
		return err
	}
	for {
		err := d.file(ctx, e)
		if errors.Is(err, errStale) {
			log.Printf("message %s: %v, once more", e.id, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("message %s: %w", e.id, err)
		}
		return d.in.delete(ctx, e)
	}
}

func (d *Desk) file(ctx context.Context, e *envelope) error {
	var r struct{ Customer, Ticket, Text string }
	if err := json.Unmarshal(e.body, &r); err != nil {
		return err
	}
	t, err := d.repo.get(ctx, r.Customer, r.Ticket)
	if err != nil {
		return err
	}
	t.Notes[e.id] = r.Text
	return d.repo.put(ctx, t)
}

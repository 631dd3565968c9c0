// Package grants gives customers a link to what they bought.
//
// Wrong: each delivery of an order computes another expiry, so a customer's term starts anew with every redelivery.
package grants

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Config comes from the environment.
type Config struct {
	GrantDays int
	Lease     int32
}

// Purchase is the message.
type Purchase struct {
	OrderID    string `json:"orderId"`
	CustomerID string `json:"customerId"`
	Asset      string `json:"asset"`
}

type grantEntity struct {
	aztables.Entity
	Asset     string
	ExpiresAt aztables.EDMDateTime
}

// Store keeps grants in a table.
type Store struct {
	table *aztables.Client
	clock func() time.Time
}

// NewStore returns a Store; tests replace clock.
func NewStore(table *aztables.Client) *Store {
	return &Store{table: table, clock: time.Now}
}

// Save writes the grant for p.
func (s *Store) Save(ctx context.Context, p Purchase, days int) error {
	raw, err := json.Marshal(s.entity(p, days))
	if err != nil {
		return err
	}
	_, err = s.table.UpsertEntity(ctx, raw, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}) // want `content that differs from attempt to attempt.*\(blobwrite\)`
	return err
}

func (s *Store) entity(p Purchase, days int) grantEntity {
	expires := s.clock().UTC().AddDate(0, 0, days)
	return grantEntity{
		Entity:    aztables.Entity{PartitionKey: p.CustomerID, RowKey: p.OrderID},
		Asset:     p.Asset,
		ExpiresAt: aztables.EDMDateTime(expires),
	}
}

// Worker is the queue's consumer.
type Worker struct {
	queue *azqueue.QueueClient
	store *Store
	cfg   Config
}

// NewWorker returns a Worker.
func NewWorker(queue *azqueue.QueueClient, store *Store, cfg Config) *Worker {
	return &Worker{queue: queue, store: store, cfg: cfg}
}

// Poll handles what there is.
func (w *Worker) Poll(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(w.cfg.Lease)})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.process(ctx, msg); err != nil {
			log.Printf("purchase %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

func (w *Worker) process(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var p Purchase
	if err := json.Unmarshal([]byte(*msg.MessageText), &p); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.store.Save(ctx, p, w.cfg.GrantDays); err != nil {
		return fmt.Errorf("save grant: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

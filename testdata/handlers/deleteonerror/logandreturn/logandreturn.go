// Package logandreturn stores parking tickets; every layer logs.
//
// Right: each layer logs the error, which looks like swallowing it, but hands it on as well; the delete is reached
// with nil alone.
//
// Message: {"plate":"ZH1","zone":"4","until":"18:00"}
package logandreturn

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type ticket struct {
	Plate string `json:"plate"`
	Zone  string `json:"zone"`
	Until string `json:"until"`
}

type store interface {
	Save(ctx context.Context, id string, t ticket) error
}

type tableStore struct{ table *aztables.Client }

func (s tableStore) Save(ctx context.Context, id string, t ticket) (err error) {
	defer func() {
		if err != nil {
			log.Printf("save %s: %v", id, err)
		}
	}()
	row, err := json.Marshal(map[string]string{"PartitionKey": t.Zone, "RowKey": id, "Plate": t.Plate, "Until": t.Until})
	if err != nil {
		return err
	}
	_, err = s.table.UpsertEntity(ctx, row, nil)
	return err
}

// Meter stores tickets.
type Meter struct {
	queue *azqueue.QueueClient
	store store
}

// NewMeter wires a Meter.
func NewMeter(queue *azqueue.QueueClient, table *aztables.Client) *Meter {
	return &Meter{queue: queue, store: tableStore{table}}
}

// Run stores until the queue is empty; a ticket that fails is left.
func (m *Meter) Run(ctx context.Context) (left int, err error) {
	for {
		r, err := m.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return left, fmt.Errorf("tickets: %w", err)
		}
		if len(r.Messages) == 0 {
			return left, nil
		}
		if err := m.ticket(ctx, r.Messages[0]); err != nil {
			log.Printf("message %s: %v", *r.Messages[0].MessageID, err)
			left++
		}
	}
}

func (m *Meter) ticket(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var t ticket
	if err := json.Unmarshal([]byte(*msg.MessageText), &t); err != nil {
		log.Printf("unreadable: %q", *msg.MessageText)
		return err
	}
	if err := m.store.Save(ctx, *msg.MessageID, t); err != nil {
		log.Printf("not stored: %v", err)
		return err
	}
	_, err := m.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

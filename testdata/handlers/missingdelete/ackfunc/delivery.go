// Package parcels records parcel scans with a pool of workers.
//
// Right: the delete travels with the message as a function; the worker calls it after the row is written and
// calls nothing when the row could not be written.
package parcels

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type delivery struct {
	id    string
	body  []byte
	tries int64
	ack   func(context.Context) error
}

// Station connects receiver and workers.
type Station struct {
	queue *azqueue.QueueClient
	scans *aztables.Client
	line  chan delivery
}

// NewStation makes an unbuffered line: a message waits for no one but a free worker.
func NewStation(queue *azqueue.QueueClient, scans *aztables.Client) *Station {
	return &Station{queue: queue, scans: scans, line: make(chan delivery)}
}

// Run starts n workers.
func (s *Station) Run(ctx context.Context, n int) error {
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { s.worker(ctx) })
	}
	defer wg.Wait()
	defer close(s.line)
	for {
		rs, err := s.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		for _, m := range rs.Messages {
			s.line <- s.wrap(m)
		}
	}
}

func (s *Station) wrap(m *azqueue.DequeuedMessage) delivery {
	return delivery{
		id:    *m.MessageID,
		body:  []byte(*m.MessageText),
		tries: *m.DequeueCount,
		ack: func(ctx context.Context) error {
			_, err := s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
			return err
		},
	}
}

func (s *Station) worker(ctx context.Context) {
	for d := range s.line {
		var scan struct{ Parcel, Depot string }
		if err := json.Unmarshal(d.body, &scan); err != nil {
			slog.Error("scan", "id", d.id, "tries", d.tries, "err", err)
			continue
		}
		row, _ := json.Marshal(map[string]string{"PartitionKey": scan.Parcel, "RowKey": d.id, "Depot": scan.Depot})
		if _, err := s.scans.UpsertEntity(ctx, row, nil); err != nil {
			slog.Error("scan", "id", d.id, "tries", d.tries, "err", err)
			continue
		}
		if err := d.ack(context.WithoutCancel(ctx)); err != nil {
			slog.Error("ack", "id", d.id, "err", err)
		}
	}
}

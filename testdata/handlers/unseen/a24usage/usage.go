// Package usage stores usage records, a batch at once.
//
// Right: goroutines store, those that succeed put their message on a list, and what is on the list is deleted when
// all have ended. A goroutine that fails returns nil, so that the others go on, and its message stays.
package usage

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"golang.org/x/sync/errgroup"
)

// Record is a usage record, as devices pack it: tenant, meter, start, quantity, big-endian.
type Record struct {
	Tenant   uint32
	Meter    uint32
	Start    int64
	Quantity uint64
}

const recordSize = 4 + 4 + 8 + 8

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (r *Record) UnmarshalBinary(b []byte) error {
	if len(b) != recordSize {
		return fmt.Errorf("record of %d bytes", len(b))
	}
	r.Tenant = binary.BigEndian.Uint32(b)
	r.Meter = binary.BigEndian.Uint32(b[4:])
	r.Start = int64(binary.BigEndian.Uint64(b[8:]))
	r.Quantity = binary.BigEndian.Uint64(b[16:])
	if r.Tenant == 0 {
		return errors.New("record without tenant")
	}
	return nil
}

// Sink stores records.
type Sink struct {
	queue *azqueue.QueueClient
	table *aztables.Client
	limit int
}

// SinkOption changes a Sink.
type SinkOption func(*Sink)

// Parallel limits the goroutines.
func Parallel(n int) SinkOption { return func(s *Sink) { s.limit = n } }

// NewSink returns a Sink.
func NewSink(q *azqueue.QueueClient, t *aztables.Client, opts ...SinkOption) *Sink {
	s := &Sink{queue: q, table: t, limit: 8}
	for _, o := range opts {
		o(s)
	}
	return s
}

// Run stores until the context ends.
func (s *Sink) Run(ctx context.Context) error {
	backoff := time.Second
	for ctx.Err() == nil {
		n, err := s.batch(ctx)
		if err != nil {
			slog.ErrorContext(ctx, "usage", "err", err, "pause", backoff)
		}
		if n > 0 {
			backoff = time.Second
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(backoff):
			backoff = min(2*backoff, time.Minute)
		}
	}
	return ctx.Err()
}

func (s *Sink) batch(ctx context.Context) (int, error) {
	resp, err := s.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32))})
	if err != nil {
		return 0, fmt.Errorf("dequeue: %w", err)
	}

	var (
		mu     sync.Mutex
		stored = make([]*azqueue.DequeuedMessage, 0, len(resp.Messages))
		g      errgroup.Group
	)
	g.SetLimit(s.limit)
	for _, m := range resp.Messages {
		g.Go(func() error {
			if err := s.store(ctx, m); err != nil {
				slog.WarnContext(ctx, "usage: not stored", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			stored = append(stored, m)
			return nil
		})
	}
	_ = g.Wait()

	for _, m := range stored {
		if _, err := s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.WarnContext(ctx, "usage: not deleted", "message", *m.MessageID, "err", err)
		}
	}
	return len(stored), nil
}

func (s *Sink) store(ctx context.Context, m *azqueue.DequeuedMessage) error {
	raw, err := hex.DecodeString(*m.MessageText)
	if err != nil {
		return err
	}
	var r Record
	if err := r.UnmarshalBinary(raw); err != nil {
		return err
	}
	row, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{
			PartitionKey: fmt.Sprintf("%08x", r.Tenant),
			RowKey:       fmt.Sprintf("%08x-%016x", r.Meter, r.Start),
		},
		Properties: map[string]any{"Quantity": aztables.EDMInt64(r.Quantity)},
	})
	if err != nil {
		return err
	}
	_, err = s.table.UpsertEntity(ctx, row, nil)
	return err
}

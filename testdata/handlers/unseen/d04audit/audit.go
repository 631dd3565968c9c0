// Package audit keeps what happened, one row for each message. The store is wrapped twice: by one that counts and by
// one that stamps the row with the time it was written, which is there for people to look at.
package audit

import (
	"context"
	"encoding/json"
	"expvar"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Entry is a row.
type Entry struct {
	PartitionKey string
	RowKey       string
	Actor        string
	Action       string
	UpdatedAt    time.Time
}

// Store keeps entries.
type Store interface {
	Save(ctx context.Context, e Entry) error
}

type rows struct{ table *aztables.Client }

func (r rows) Save(ctx context.Context, e Entry) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = r.table.UpsertEntity(ctx, raw, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	return err
}

type stamped struct{ Store }

func (s stamped) Save(ctx context.Context, e Entry) error {
	e.UpdatedAt = time.Now().UTC()
	return s.Store.Save(ctx, e)
}

var saved, took = expvar.NewInt("audit_saved"), expvar.NewFloat("audit_seconds")

type counted struct{ next Store }

func (c counted) Save(ctx context.Context, e Entry) (err error) {
	start := time.Now()
	defer func() {
		took.Add(time.Since(start).Seconds())
		if err == nil {
			saved.Add(1)
		}
	}()
	return c.next.Save(ctx, e)
}

// Recorder writes the log.
type Recorder struct {
	rcv   *azservicebus.Receiver
	store Store
}

// New returns a Recorder.
func New(rcv *azservicebus.Receiver, table *aztables.Client) *Recorder {
	var s Store = rows{table}
	s = stamped{s}
	s = counted{s}
	return &Recorder{rcv: rcv, store: s}
}

// Run records until the receiver fails.
func (r *Recorder) Run(ctx context.Context) error {
	for {
		msgs, err := r.rcv.ReceiveMessages(ctx, 10, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := r.settle(ctx, m, r.record(ctx, m)); err != nil {
				return fmt.Errorf("audit: settle %s: %w", m.MessageID, err)
			}
		}
	}
}

func (r *Recorder) settle(ctx context.Context, m *azservicebus.ReceivedMessage, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if cause != nil {
		return r.rcv.AbandonMessage(ctx, m, &azservicebus.AbandonMessageOptions{PropertiesToModify: map[string]any{"cause": cause.Error()}})
	}
	return r.rcv.CompleteMessage(ctx, m, nil)
}

func (r *Recorder) record(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	var body struct{ Actor, Action string }
	if err := json.Unmarshal(m.Body, &body); err != nil {
		return err
	}
	return r.store.Save(ctx, Entry{PartitionKey: "audit", RowKey: m.MessageID, Actor: body.Actor, Action: body.Action})
}

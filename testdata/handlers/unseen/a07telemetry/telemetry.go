// Package telemetry stores readings of devices, one row a message.
//
// Right although clock and random are all over the place: they reach the log, the pauses, and a stamp.
package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/google/uuid"
)

// Field is a field of a log entry.
type Field struct {
	Key   string
	Value any
}

// Logger is how the team logs.
type Logger interface {
	With(fields ...Field) Logger
	Info(msg string, fields ...Field)
	Error(msg string, fields ...Field)
}

// F makes a Field.
func F(key string, value any) Field { return Field{Key: key, Value: value} }

type traceKey struct{}

func withTrace(ctx context.Context) context.Context {
	return context.WithValue(ctx, traceKey{}, uuid.NewString())
}

func trace(ctx context.Context) string {
	id, _ := ctx.Value(traceKey{}).(string)
	return id
}

// Base is embedded in every entity of the team.
type Base struct {
	PartitionKey string
	RowKey       string
	UpdatedAt    time.Time
}

func newBase(partition, row string) Base {
	return Base{PartitionKey: partition, RowKey: row, UpdatedAt: time.Now().UTC()}
}

type reading struct {
	Device  string             `json:"device"`
	TakenAt time.Time          `json:"takenAt"`
	Values  map[string]float64 `json:"values"`
}

type readingEntity struct {
	Base
	TakenAt time.Time
	Values  string
}

// Ingest reads the queue and fills the table.
type Ingest struct {
	in  *azqueue.QueueClient
	out *aztables.Client
	log Logger
}

// New returns an Ingest.
func New(in *azqueue.QueueClient, out *aztables.Client, log Logger) *Ingest {
	return &Ingest{in: in, out: out, log: log.With(F("component", "ingest"))}
}

func pause(ctx context.Context, attempt int) {
	base := time.Duration(1<<min(attempt, 5)) * 100 * time.Millisecond
	jitter := time.Duration(rand.Int64N(int64(base)))
	select {
	case <-ctx.Done():
	case <-time.After(base + jitter):
	}
}

// Run ends with the context.
func (i *Ingest) Run(ctx context.Context) error {
	empty := 0
	for ctx.Err() == nil {
		resp, err := i.in.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32))})
		if err != nil {
			i.log.Error("dequeue", F("error", err))
			pause(ctx, empty)
			continue
		}
		if len(resp.Messages) == 0 {
			empty++
			pause(ctx, empty)
			continue
		}
		empty = 0
		for _, m := range resp.Messages {
			mctx := withTrace(ctx)
			started := time.Now()
			log := i.log.With(F("message", *m.MessageID), F("trace", trace(mctx)))
			if err := i.store(mctx, *m.MessageID, *m.MessageText); err != nil {
				log.Error("not stored", F("error", err), F("delivery", *m.DequeueCount))
				continue
			}
			if _, err := i.in.DeleteMessage(mctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Error("not deleted", F("error", err))
				continue
			}
			log.Info("stored", F("took", time.Since(started)), F("waited", started.Sub(*m.InsertionTime)))
		}
	}
	return ctx.Err()
}

func (i *Ingest) store(ctx context.Context, id, text string) error {
	var r reading
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if r.Device == "" {
		return errors.New("no device")
	}
	if age := time.Since(r.TakenAt); age > 24*time.Hour {
		i.log.Info("late reading", F("device", r.Device), F("age", age), F("trace", trace(ctx)))
	}
	values, err := json.Marshal(r.Values)
	if err != nil {
		return err
	}
	row, err := json.Marshal(readingEntity{Base: newBase(r.Device, id), TakenAt: r.TakenAt, Values: string(values)})
	if err != nil {
		return err
	}
	_, err = i.out.UpsertEntity(ctx, row, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	return err
}

// Package meter adds up what meters report.
package meter

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// queueAPI is the part of azqueue.QueueClient in use; tests have a fake.
type queueAPI interface {
	DequeueMessages(ctx context.Context, o *azqueue.DequeueMessagesOptions) (azqueue.DequeueMessagesResponse, error)
	DeleteMessage(ctx context.Context, messageID string, popReceipt string, o *azqueue.DeleteMessageOptions) (azqueue.DeleteMessageResponse, error)
}

// tableAPI is the part of aztables.Client in use.
type tableAPI interface {
	GetEntity(ctx context.Context, partitionKey string, rowKey string, options *aztables.GetEntityOptions) (aztables.GetEntityResponse, error)
	UpdateEntity(ctx context.Context, entity []byte, options *aztables.UpdateEntityOptions) (aztables.UpdateEntityResponse, error)
}

var (
	_ queueAPI = (*azqueue.QueueClient)(nil)
	_ tableAPI = (*aztables.Client)(nil)
)

// Accumulator adds up.
type Accumulator struct {
	queue  queueAPI
	totals tableAPI
}

// New is for tests, too.
func New(q queueAPI, t tableAPI) *Accumulator {
	return &Accumulator{queue: q, totals: t}
}

// Open connects to the account of the environment.
func Open() (*Accumulator, error) {
	conn := os.Getenv("METER_STORAGE")
	q, err := azqueue.NewQueueClientFromConnectionString(conn, "readings", nil)
	if err != nil {
		return nil, err
	}
	svc, err := aztables.NewServiceClientFromConnectionString(conn, nil)
	if err != nil {
		return nil, err
	}
	return New(q, svc.NewClient("totals")), nil
}

// a reading is "meter;sequence;watt hours"
type reading struct {
	meter    string
	sequence int64
	wh       int64
}

func parse(s string) (reading, error) {
	parts := strings.Split(strings.TrimSpace(s), ";")
	if len(parts) != 3 {
		return reading{}, fmt.Errorf("reading has %d fields", len(parts))
	}
	seq, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return reading{}, fmt.Errorf("sequence: %w", err)
	}
	wh, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return reading{}, fmt.Errorf("watt hours: %w", err)
	}
	return reading{meter: parts[0], sequence: seq, wh: wh}, nil
}

// Once handles what is in the queue; a timer calls it every minute.
func (a *Accumulator) Once(ctx context.Context) error {
	for {
		resp, err := a.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			return nil
		}
		for _, m := range resp.Messages {
			r, err := parse(*m.MessageText)
			if err != nil {
				log.Printf("meter: %s: %v", *m.MessageID, err)
				continue
			}
			if err := a.add(ctx, r); err != nil {
				log.Printf("meter: %s: %v", r.meter, err)
				continue
			}
			if _, err := a.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Printf("meter: delete: %v", err)
			}
		}
	}
}

func (a *Accumulator) add(ctx context.Context, r reading) error {
	got, err := a.totals.GetEntity(ctx, "meter", r.meter, nil)
	if err != nil {
		return fmt.Errorf("total: %w", err)
	}
	var total aztables.EDMEntity
	if err := json.Unmarshal(got.Value, &total); err != nil {
		return fmt.Errorf("total: %w", err)
	}
	last, _ := total.Properties["LastSequence"].(aztables.EDMInt64)
	if r.sequence <= int64(last) {
		return nil // counted
	}
	sum, _ := total.Properties["WattHours"].(aztables.EDMInt64)
	total.Properties["WattHours"] = sum + aztables.EDMInt64(r.wh)
	total.Properties["LastSequence"] = aztables.EDMInt64(r.sequence)
	row, err := json.Marshal(total)
	if err != nil {
		return err
	}
	if _, err := a.totals.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{ // want `wildcard.*\(etag\)`
		IfMatch:    to.Ptr(azcore.ETagAny),
		UpdateMode: aztables.UpdateModeMerge,
	}); err != nil {
		return fmt.Errorf("total: %w", err)
	}
	return nil
}

// Package sink writes click events through a sink that collects ten rows before it writes them.
//
// Wrong: Add returns when the row is in memory, and then the message is deleted. A crash before the next flush
// loses up to nine events.
//
// Message: {"session":"se-1","seq":4,"page":"/home"}
package sink

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const full = 10

type click struct {
	Session string `json:"session"`
	Seq     int    `json:"seq"`
	Page    string `json:"page"`
}

// Sink collects clicks.
type Sink struct {
	table   *aztables.Client
	pending []click
}

// Add takes one click; the full sink is flushed.
func (s *Sink) Add(ctx context.Context, c click) error {
	s.pending = append(s.pending, c)
	if len(s.pending) < full {
		return nil
	}
	return s.Flush(ctx)
}

// Flush writes what is pending.
func (s *Sink) Flush(ctx context.Context) error {
	for len(s.pending) > 0 {
		c := s.pending[0]
		row, err := json.Marshal(map[string]string{"PartitionKey": c.Session, "RowKey": strconv.Itoa(c.Seq), "Page": c.Page})
		if err != nil {
			return err
		}
		if _, err := s.table.UpsertEntity(ctx, row, nil); err != nil {
			return fmt.Errorf("click %s/%d: %w", c.Session, c.Seq, err)
		}
		s.pending = s.pending[1:]
	}
	return nil
}

// Drain empties the queue into the table.
func Drain(ctx context.Context, clicks *azqueue.QueueClient, table *aztables.Client) error {
	s := &Sink{table: table}
	for {
		r, err := clicks.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
		if err != nil {
			return err
		}
		if len(r.Messages) == 0 {
			return s.Flush(ctx)
		}
		m := r.Messages[0]
		var c click
		if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		if err := s.Add(ctx, c); err != nil {
			return err
		}
		if _, err := clicks.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // miss `\(earlydelete\)`
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
}

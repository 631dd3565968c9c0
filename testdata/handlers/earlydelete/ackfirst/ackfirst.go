// Package ackfirst records badge events; the message travels as an event with an acknowledge function.
//
// Wrong: the consumer acknowledges "to keep the queue short" and records then. A crash in between loses the event.
//
// Message: {"badge":"b-77","door":"north","seq":41}
package ackfirst

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// AckFunc takes the event's message off the queue.
type AckFunc func(context.Context) error

type event struct {
	Badge string `json:"badge"`
	Door  string `json:"door"`
	Seq   int    `json:"seq"`
	ack   AckFunc
}

// Consume records what is in the queue, one event after the other.
func Consume(ctx context.Context, q *azqueue.QueueClient, events *aztables.Client) error {
	for {
		e, err := receive(ctx, q)
		if err != nil || e == nil {
			return err
		}
		if err := e.ack(ctx); err != nil {
			return fmt.Errorf("ack badge %s: %w", e.Badge, err)
		}
		if err := record(ctx, events, e); err != nil {
			return fmt.Errorf("record badge %s: %w", e.Badge, err)
		}
	}
}

func receive(ctx context.Context, q *azqueue.QueueClient) (*event, error) {
	r, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(45))})
	if err != nil {
		return nil, err
	}
	if len(r.Messages) == 0 {
		return nil, nil
	}
	m := r.Messages[0]
	e := &event{}
	if err := json.Unmarshal([]byte(*m.MessageText), e); err != nil {
		return nil, fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	e.ack = func(ctx context.Context) error {
		_, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `\(earlydelete\)`
		return err
	}
	return e, nil
}

func record(ctx context.Context, events *aztables.Client, e *event) error {
	row, err := json.Marshal(map[string]string{"PartitionKey": e.Badge, "RowKey": strconv.Itoa(e.Seq), "Door": e.Door})
	if err != nil {
		return err
	}
	_, err = events.UpsertEntity(ctx, row, nil)
	return err
}

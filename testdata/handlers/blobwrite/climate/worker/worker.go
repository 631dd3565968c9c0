// Package worker receives measurements.
//
// Right: a message is deleted once its measurement is archived.
package worker

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/climate/domain"
)

// Sink takes measurements.
type Sink interface {
	Measured(ctx context.Context, m domain.Measurement) error
}

// Drain empties the queue into the sink.
func Drain(ctx context.Context, q *azqueue.QueueClient, sink Sink) (n int, err error) {
	for {
		resp, err := q.DequeueMessage(ctx, nil)
		if err != nil {
			return n, fmt.Errorf("receive: %w", err)
		}
		if len(resp.Messages) == 0 {
			return n, nil
		}
		msg := resp.Messages[0]
		var m domain.Measurement
		if err := json.Unmarshal([]byte(*msg.MessageText), &m); err != nil {
			return n, fmt.Errorf("decode %s: %w", *msg.MessageID, err)
		}
		if err := sink.Measured(ctx, m); err != nil {
			return n, fmt.Errorf("archive %s: %w", *msg.MessageID, err)
		}
		if _, err := q.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return n, fmt.Errorf("delete %s: %w", *msg.MessageID, err)
		}
		n++
	}
}

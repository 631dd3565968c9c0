// Package complaints stores complaints; the worker knows the table only as an interface.
package complaints

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const maxAttempts = 5

// Worker is one of several.
type Worker struct {
	In, Poison *azqueue.QueueClient
	Store      Store
	Report     func(order string)
}

// Once takes one message and says whether there was one.
func (w *Worker) Once(ctx context.Context) (bool, error) {
	r, err := w.In.DequeueMessage(ctx, nil)
	if err != nil {
		return false, err
	}
	if len(r.Messages) == 0 {
		return false, nil
	}
	m := r.Messages[0]
	if *m.DequeueCount > maxAttempts {
		if _, err := w.Poison.EnqueueMessage(ctx, *m.MessageText, nil); err != nil {
			return true, err
		}
		return true, w.drop(ctx, m)
	}
	var c Complaint
	if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
		return true, err
	}
	if err := w.Store.Save(ctx, *m.MessageID, c); err != nil {
		return true, err
	}
	if c.Spam {
		slog.InfoContext(ctx, "stored as spam", "order", c.Order)
		return true, nil // want `work succeeded.*unsettled.*\(missingdelete\)`
	}
	w.Report(c.Order)
	return true, w.drop(ctx, m)
}

func (w *Worker) drop(ctx context.Context, m *azqueue.DequeuedMessage) error {
	if m.MessageID == nil || m.PopReceipt == nil {
		return errors.New("message without receipt")
	}
	_, err := w.In.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

// Package mailer hands notices to the queue of a mail gateway, and remembers in a table which it has handed over.
package mailer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// ledger remembers.
type ledger struct{ table *aztables.Client }

func (l ledger) has(ctx context.Context, id string) (bool, error) {
	_, err := l.table.GetEntity(ctx, "notice", id, nil)
	var r *azcore.ResponseError
	if errors.As(err, &r) && r.ErrorCode == string(aztables.ResourceNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (l ledger) note(ctx context.Context, id string) error {
	raw, err := json.Marshal(map[string]string{"PartitionKey": "notice", "RowKey": id})
	if err != nil {
		return err
	}
	_, err = l.table.AddEntity(ctx, raw, nil)
	var r *azcore.ResponseError
	if errors.As(err, &r) && r.ErrorCode == string(aztables.EntityAlreadyExists) {
		return nil
	}
	return err
}

// Mailer is a worker.
type Mailer struct {
	notices *azqueue.QueueClient
	gateway *azservicebus.Sender
	ledger  ledger
}

// New returns a Mailer.
func New(notices *azqueue.QueueClient, gateway *azservicebus.Sender, table *aztables.Client) *Mailer {
	return &Mailer{notices: notices, gateway: gateway, ledger: ledger{table}}
}

// Run works until the context ends.
func (w *Mailer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.notices.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := w.one(ctx, m); err != nil {
				slog.Error("notice", "id", *m.MessageID, "err", err)
			}
		}
	}
	return nil
}

func (w *Mailer) one(ctx context.Context, m *azqueue.DequeuedMessage) error {
	id := *m.MessageID
	seen, err := w.ledger.has(ctx, id)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if seen {
		slog.Info("duplicate notice", "id", id)
		return nil // want `already done.*unsettled.*\(missingdelete\)`
	}
	if err := w.gateway.SendMessage(ctx, &azservicebus.Message{MessageID: &id, Body: []byte(*m.MessageText)}, nil); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	if err := w.ledger.note(ctx, id); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	_, err = w.notices.DeleteMessage(ctx, id, *m.PopReceipt, nil)
	return err
}

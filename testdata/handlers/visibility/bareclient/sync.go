// Package contacts brings contacts into the customer database. The wait is in package crm.
package contacts

import (
	"context"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/visibility/bareclient/crm"
)

// Syncer is a worker.
type Syncer struct {
	Changes *azqueue.QueueClient
	CRM     *crm.Client
}

// New wires the syncer.
func New(changes *azqueue.QueueClient, crmURL string) *Syncer {
	return &Syncer{Changes: changes, CRM: crm.New(crmURL)}
}

// Pass empties the queue.
func (s *Syncer) Pass(ctx context.Context) error {
	for {
		r, err := s.Changes.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(r.Messages) == 0 {
			return nil
		}
		change := r.Messages[0]
		if err := s.CRM.PutContact(ctx, *change.MessageID, []byte(*change.MessageText)); err != nil { // want `wait without a bound.*\(visibility\)`
			slog.Error("contact", "id", *change.MessageID, "deliveries", *change.DequeueCount, "err", err)
			continue
		}
		if _, err := s.Changes.DeleteMessage(ctx, *change.MessageID, *change.PopReceipt, nil); err != nil {
			return err
		}
	}
}

// Package payroll stores payslips; what fails five times goes to the poison queue.
//
// Right: a message over the cap is enqueued elsewhere first and deleted then; if the enqueue fails it stays.
package payroll

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	leaseSeconds = 60
	cap5         = 5
)

type queues struct{ main, poison *azqueue.QueueClient }

// Process handles at most one payslip.
func Process(ctx context.Context, main, poison *azqueue.QueueClient, slips *container.Client) error {
	qs := queues{main, poison}
	d, err := qs.main.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(leaseSeconds))})
	if err != nil {
		return fmt.Errorf("payroll: %w", err)
	}
	for _, m := range d.Messages {
		if m.DequeueCount != nil && *m.DequeueCount > cap5 {
			return qs.setAside(ctx, m)
		}
		if err := store(ctx, slips, m); err != nil {
			return err
		}
		if err := qs.remove(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func store(ctx context.Context, slips *container.Client, m *azqueue.DequeuedMessage) error {
	_, err := slips.NewBlockBlobClient(*m.MessageID).UploadBuffer(ctx, []byte(*m.MessageText), nil)
	if err != nil {
		return fmt.Errorf("payroll: slip %s: %w", *m.MessageID, err)
	}
	return nil
}

func (qs queues) setAside(ctx context.Context, m *azqueue.DequeuedMessage) error {
	if _, err := qs.poison.EnqueueMessage(ctx, *m.MessageText, nil); err != nil {
		return fmt.Errorf("payroll: poison %s: %w", *m.MessageID, err)
	}
	return qs.remove(ctx, m)
}

func (qs queues) remove(ctx context.Context, m *azqueue.DequeuedMessage) error {
	if _, err := qs.main.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		return fmt.Errorf("payroll: delete %s: %w", *m.MessageID, err)
	}
	return nil
}

// Package azure is the back end that production uses.
package azure

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b26backends/intake"
)

// Queue implements intake.Queue.
type Queue struct{ Client *azqueue.QueueClient }

// Next implements intake.Queue.
func (q *Queue) Next(ctx context.Context) (*intake.Item, error) {
	resp, err := q.Client.DequeueMessage(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, m := range resp.Messages {
		return &intake.Item{
			ID:      *m.MessageID,
			Token:   *m.PopReceipt,
			Payload: []byte(*m.MessageText),
			Tries:   int(*m.DequeueCount),
		}, nil
	}
	return nil, nil
}

// Remove implements intake.Queue.
func (q *Queue) Remove(ctx context.Context, it *intake.Item) error {
	receipt, ok := it.Token.(string)
	if !ok {
		return errors.New("not from this queue")
	}
	_, err := q.Client.DeleteMessage(ctx, it.ID, receipt, nil)
	return err
}

// Archive implements intake.Archive.
type Archive struct {
	Client    *azblob.Client
	Container string
}

// Store implements intake.Archive.
func (a *Archive) Store(ctx context.Context, name string, payload []byte) error {
	_, err := a.Client.UploadBuffer(ctx, a.Container, name, payload, nil)
	return err
}

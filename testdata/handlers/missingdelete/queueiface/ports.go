package warranty

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// claim is a message as the domain sees it.
type claim struct {
	id, handle, text string
	attempts         int64
}

// claims is where claims come from.
type claims interface {
	pull(ctx context.Context) ([]claim, error)
	remove(ctx context.Context, c claim) error
}

// archive is where they go.
type archive interface {
	keep(ctx context.Context, id, text string) error
}

type azureClaims struct{ *azqueue.QueueClient }

func (a azureClaims) pull(ctx context.Context) ([]claim, error) {
	r, err := a.DequeueMessage(ctx, nil)
	if err != nil {
		return nil, err
	}
	var list []claim
	for _, m := range r.Messages {
		list = append(list, claim{*m.MessageID, *m.PopReceipt, *m.MessageText, *m.DequeueCount})
	}
	return list, nil
}

func (a azureClaims) remove(ctx context.Context, c claim) error {
	_, err := a.DeleteMessage(ctx, c.id, c.handle, nil)
	return err
}

type azureArchive struct {
	client    *azblob.Client
	container string
}

func (a azureArchive) keep(ctx context.Context, id, text string) error {
	_, err := a.client.UploadBuffer(ctx, a.container, id+".txt", []byte(text), nil)
	return err
}

// Package custody holds securities back for the settlement period.
//
// Right: it sleeps 150 s like others do, but under a lease of 300 s, which a helper puts into the options.
package custody

import (
	"context"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	holdBack = 150 * time.Second
	lease    = 2 * holdBack
)

func dequeueOptions(lease time.Duration) *azqueue.DequeueMessageOptions {
	return &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(lease / time.Second))}
}

// Desk is the worker.
type Desk struct {
	orders *azqueue.QueueClient
	vault  *azblob.Client
}

// Run ends with the context.
func (d *Desk) Run(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := d.orders.DequeueMessage(ctx, dequeueOptions(lease))
		if err != nil {
			log.Print(err)
			continue
		}
		for _, order := range resp.Messages {
			if err := d.execute(ctx, *order.MessageID, *order.MessageText); err != nil {
				log.Printf("order %s, delivery %d: %v", *order.MessageID, *order.DequeueCount, err)
				continue
			}
			if _, err := d.orders.DeleteMessage(ctx, *order.MessageID, *order.PopReceipt, nil); err != nil {
				log.Print(err)
			}
		}
	}
}

func (d *Desk) execute(ctx context.Context, id, text string) error {
	time.Sleep(holdBack)
	_, err := d.vault.UploadBuffer(ctx, "custody", id, []byte(text), nil)
	return err
}

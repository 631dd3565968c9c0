// Package elevator confirms rides; try and pause call each other until the ride is confirmed. A single pause is
// longer than the lease.
package elevator

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const maxTries = 4

type ride struct {
	id, text string
	tries    int
}

// Control has one cabin.
type Control struct {
	rides *azqueue.QueueClient
	log   *azblob.Client
}

// Handle confirms the next ride.
func (c *Control) Handle(ctx context.Context) error {
	res, err := c.rides.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	for _, m := range res.Messages {
		if err := c.try(ctx, ride{id: *m.MessageID, text: *m.MessageText}); err != nil {
			slog.Error("ride", "id", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
			return err
		}
		if _, err := c.rides.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c *Control) try(ctx context.Context, r ride) error {
	if r.tries == maxTries {
		return errors.New("cabin does not answer")
	}
	if _, err := c.log.UploadBuffer(ctx, "rides", r.id, []byte(r.text), nil); err != nil {
		r.tries++
		return c.pause(ctx, r)
	}
	return nil
}

func (c *Control) pause(ctx context.Context, r ride) error {
	time.Sleep(70 * time.Second) // want `can outlast the lease.*\(visibility\)`
	return c.try(ctx, r)
}

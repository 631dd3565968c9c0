// Package firmware rolls firmware out; the steps are function values in a struct.
package firmware

import (
	"context"
	"errors"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type rollout struct {
	offer  func(ctx context.Context, id, image string) error
	soak   func(ctx context.Context) error
	commit func(ctx context.Context, id, image string) error
}

func newRollout(devices *container.Client) rollout {
	put := func(ctx context.Context, name, image string) error {
		_, err := devices.NewBlockBlobClient(name).UploadBuffer(ctx, []byte(image), nil)
		return err
	}
	return rollout{
		offer: func(ctx context.Context, id, image string) error { return put(ctx, "offered/"+id, image) },
		soak: func(context.Context) error {
			time.Sleep(90 * time.Second) // want `can outlast the lease.*\(visibility\)`
			return nil
		},
		commit: func(ctx context.Context, id, image string) error { return put(ctx, "committed/"+id, image) },
	}
}

func (r rollout) run(ctx context.Context, id, image string) error {
	if err := r.offer(ctx, id, image); err != nil {
		return err
	}
	if err := r.soak(ctx); err != nil {
		return err
	}
	return r.commit(ctx, id, image)
}

// Roll handles the next rollout.
func Roll(ctx context.Context, q *azqueue.QueueClient, devices *container.Client) error {
	r := newRollout(devices)
	resp, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return errors.New("nothing to roll out")
	}
	m := resp.Messages[0]
	if err := r.run(ctx, *m.MessageID, *m.MessageText); err != nil {
		log.Printf("firmware: delivery %d: %v", *m.DequeueCount, err)
		return err
	}
	_, err = q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

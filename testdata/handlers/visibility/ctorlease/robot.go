// Package robot books storage places with a slow robot; the lease is the constructor's business.
package robot

import (
	"context"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type robot struct {
	moves   *azqueue.QueueClient
	places  *container.Client
	seconds int32
	arm     time.Duration
}

func newRobot(moves *azqueue.QueueClient, places *container.Client, lease, arm time.Duration) *robot {
	return &robot{moves: moves, places: places, seconds: int32(lease.Seconds()), arm: arm}
}

// Start makes the robot and lets it work.
func Start(ctx context.Context, moves *azqueue.QueueClient, places *container.Client) {
	r := newRobot(moves, places, time.Minute, 75*time.Second)
	for ctx.Err() == nil {
		r.move(ctx)
	}
}

func (r *robot) move(ctx context.Context) {
	resp, err := r.moves.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(r.seconds)})
	if err != nil || len(resp.Messages) == 0 {
		time.Sleep(time.Second)
		return
	}
	m := resp.Messages[0]
	time.Sleep(r.arm) // want `can outlast the lease.*\(visibility\)`
	if _, err := r.places.NewBlockBlobClient(*m.MessageID).UploadBuffer(ctx, []byte(*m.MessageText), nil); err != nil {
		log.Printf("robot: move %s (%d): %v", *m.MessageID, *m.DequeueCount, err)
		return
	}
	if _, err := r.moves.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		log.Printf("robot: delete %s: %v", *m.MessageID, err)
	}
}

// Package renderfarm renders scenes; a goroutine renews the lease, but each renewal comes when the lease is over.
package renderfarm

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	leaseSeconds = 60
	renewEvery   = time.Minute
)

// Node is a machine of the farm.
type Node struct {
	scenes *azqueue.QueueClient
	frames *azblob.Client
}

type lease struct {
	mu      sync.Mutex
	receipt string
}

func (l *lease) get() string  { l.mu.Lock(); defer l.mu.Unlock(); return l.receipt }
func (l *lease) set(r string) { l.mu.Lock(); defer l.mu.Unlock(); l.receipt = r }

// Render handles a scene.
func (n *Node) Render(ctx context.Context) error {
	r, err := n.scenes.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(leaseSeconds))})
	if err != nil {
		return err
	}
	if len(r.Messages) == 0 {
		return nil
	}
	m := r.Messages[0]
	l := &lease{receipt: *m.PopReceipt}
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { n.keep(work, cancel, m, l) })

	image, err := exec.CommandContext(work, "blender", "--background", "--scene", *m.MessageText).Output()
	cancelled := work.Err() != nil
	cancel()
	wg.Wait()
	if err != nil || cancelled {
		return fmt.Errorf("render, delivery %d: %w", *m.DequeueCount, err)
	}
	if _, err := n.frames.UploadBuffer(ctx, "frames", *m.MessageID+".png", image, nil); err != nil {
		return err
	}
	_, err = n.scenes.DeleteMessage(ctx, *m.MessageID, l.get(), nil)
	return err
}

func (n *Node) keep(ctx context.Context, cancel context.CancelFunc, m *azqueue.DequeuedMessage, l *lease) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			u, err := n.scenes.UpdateMessage(ctx, *m.MessageID, l.get(), *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(leaseSeconds))}) // want `renewal.*\(visibility\)`
			if err != nil {
				slog.Error("lease lost", "scene", *m.MessageID, "err", err)
				cancel()
				return
			}
			l.set(*u.PopReceipt)
		}
	}
}

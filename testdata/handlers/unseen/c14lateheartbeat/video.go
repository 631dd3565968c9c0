// Package video cuts trailers.
//
// Wrong: the lease of thirty seconds is renewed every forty-five.
package video

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const (
	lease     = 30 * time.Second
	heartbeat = 45 * time.Second
)

// Cutter cuts.
type Cutter struct {
	jobs    *azqueue.QueueClient
	program string
}

// NewCutter returns a Cutter.
func NewCutter(jobs *azqueue.QueueClient, program string) *Cutter {
	return &Cutter{jobs: jobs, program: program}
}

// Run cuts.
func (c *Cutter) Run(ctx context.Context) error {
	for {
		resp, err := c.jobs.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: seconds(lease)})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(5 * time.Second)
			continue
		}
		m := resp.Messages[0]
		k := &keeper{queue: c.jobs, id: *m.MessageID, text: *m.MessageText, receipt: *m.PopReceipt}
		if err := k.while(ctx, func(ctx context.Context) error { return c.cut(ctx, k.text) }); err != nil {
			slog.Error("cut", "id", k.id, "count", *m.DequeueCount, "err", err)
			continue
		}
		if _, err := c.jobs.DeleteMessage(ctx, k.id, k.receipt, nil); err != nil {
			slog.Error("delete", "id", k.id, "err", err)
		}
	}
}

func (c *Cutter) cut(ctx context.Context, film string) error {
	out, err := exec.CommandContext(ctx, c.program, "-y", "-i", film, "-t", "60", film+".trailer.mp4").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

type keeper struct {
	queue             *azqueue.QueueClient
	id, text, receipt string
}

func (k *keeper) while(parent context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(parent)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		t := time.NewTicker(heartbeat)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				resp, err := k.queue.UpdateMessage(context.WithoutCancel(ctx), k.id, k.receipt, k.text, &azqueue.UpdateMessageOptions{VisibilityTimeout: seconds(lease)}) // want `renewal.*\(visibility\)`
				if err != nil {
					cancel(fmt.Errorf("renew: %w", err))
					return
				}
				k.receipt = *resp.PopReceipt
			}
		}
	}()
	err := work(ctx)
	cancel(err)
	wg.Wait()
	return err
}

func seconds(d time.Duration) *int32 { return to.Ptr(int32(d / time.Second)) }

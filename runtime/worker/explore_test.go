package worker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/runtime/worker"
)

// loop is this package's message loop as a process that package explore plays.
func loop(o worker.Options, handle func(ctx context.Context, in *explore.Instance, m worker.Message) error) explore.Handler {
	return func(ctx context.Context, in *explore.Instance) error {
		o := o
		o.Log = quiet
		if o.Poison != nil {
			o.Poison = in.Queue("orders-poison")
		}
		w, err := worker.New(in.Queue("orders"), func(ctx context.Context, m worker.Message) error {
			return handle(ctx, in, m)
		}, o)
		if err != nil {
			return err
		}
		return w.Run(ctx)
	}
}

// Work that is safe to repeat, and longer than the lease: in every schedule each message is
// handled and settled, and nothing is left behind.
func TestLoopSurvivesEverySchedule(t *testing.T) {
	w := explore.World{
		Queue: "orders", Messages: []string{"tea", "milk"}, Limits: limits(),
		Before: func(ctx context.Context, in *explore.Instance) error {
			_, err := in.Blobs.CreateContainer(ctx, "done", nil)
			return err
		},
	}
	explore.Run(t, w, loop(worker.Options{Concurrency: 2, Batch: 2}, func(ctx context.Context, in *explore.Instance, m worker.Message) error {
		select {
		case <-time.After(150 * time.Second):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		_, err := in.Storage().UploadBuffer(ctx, "done", m.Body, []byte(m.Body), nil)
		return err
	}))
}

// A message that fails each time ends in the poison queue, in every schedule; that it may be
// there twice is documented.
func TestPoisonSurvivesEverySchedule(t *testing.T) {
	w := explore.World{
		Queue: "orders", Messages: []string{"tea"}, Poison: "orders-poison", Limits: limits(),
		Property: func(s explore.State) error {
			if len(s.Poison) == 0 || s.Poison[0] != "tea" {
				return errors.New("the message is lost")
			}
			return nil
		},
	}
	bad := func(context.Context, *explore.Instance, worker.Message) error { return errors.New("bad") }
	explore.Run(t, w, loop(worker.Options{Poison: &azqueue.QueueClient{}, MaxDeliveries: 2}, bad))
}

// limits end a search after all schedules with one fault and some of those with two.
func limits() explore.Limits {
	if testing.Short() {
		return explore.Limits{Schedules: 30}
	}
	return explore.Limits{Schedules: 300}
}

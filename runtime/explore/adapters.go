package explore

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Process makes a handler whose memory starts anew with each instance: begin is called
// once in each, and what it keeps in variables is gone after a crash.
func Process(begin func(in *Instance) Handler) Handler {
	return func(ctx context.Context, in *Instance) error {
		if in.handler == nil {
			in.handler = begin(in)
		}
		return in.handler(ctx, in)
	}
}

// eachLease is the visibility timeout under which [Each] receives, in seconds.
const eachLease = 120

// Each puts a minimal correct worker around a function that handles one message: receive
// one for 120 s, handle it, and if that gave no error delete it, on a context that a
// shutdown does not cancel.
func Each(handle func(ctx context.Context, in *Instance, m *azqueue.DequeuedMessage) error) Handler {
	return func(ctx context.Context, in *Instance) error {
		queue := in.Queue(in.play.world.Queue)
		visibility := int32(eachLease)
		received, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: &visibility})
		if err != nil || len(received.Messages) == 0 {
			return err
		}
		m := received.Messages[0]
		if err := handle(ctx, in, m); err != nil {
			return err
		}
		settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		_, err = queue.DeleteMessage(settle, *m.MessageID, *m.PopReceipt, nil)
		return err
	}
}

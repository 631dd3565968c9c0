// Package labtest runs the steps of a laboratory test.
//
// Right: the steps are closures in a slice and wait 20 s and 25 s; the lease of a minute covers both.
package labtest

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type step struct {
	name string
	run  func(ctx context.Context, id, sample string) error
}

func wait(d time.Duration) func(context.Context, string, string) error {
	return func(ctx context.Context, _, _ string) error {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
			return nil
		}
	}
}

func protocol(results *container.Client) []step {
	return []step{
		{"mix", wait(20 * time.Second)},
		{"rest", wait(25 * time.Second)},
		{"write", func(ctx context.Context, id, sample string) error {
			_, err := results.NewBlockBlobClient(id).UploadBuffer(ctx, []byte(sample), nil)
			return err
		}},
	}
}

// Test tests samples until the context ends.
func Test(ctx context.Context, samples *azqueue.QueueClient, results *container.Client) {
	steps := protocol(results)
	for ctx.Err() == nil {
		r, err := samples.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil || len(r.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := r.Messages[0]
		if err := runAll(ctx, steps, *m.MessageID, *m.MessageText); err != nil {
			log.Printf("sample %s, delivery %d: %v", *m.MessageID, *m.DequeueCount, err)
			continue
		}
		if _, err := samples.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			log.Print(err)
		}
	}
}

func runAll(ctx context.Context, steps []step, id, sample string) error {
	for _, s := range steps {
		if err := s.run(ctx, id, sample); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

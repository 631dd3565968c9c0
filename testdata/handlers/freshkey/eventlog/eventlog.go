// Package eventlog keeps the events of devices in a table, two workers at a time.
//
// Wrong: the generator of ids is a variable of the package, and what it gives is
// another id for each delivery: upserted, delete lost, upserted under the next id.
//
// Message: {"device":"d-1","event":"door opened"}
package eventlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/xid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// newID is a variable so that a test can give its own ids.
var newID = func() string { return xid.New().String() }

type handlerFunc func(ctx context.Context, text string) error

// Run keeps events until a worker fails.
func Run(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	keep := func(ctx context.Context, text string) error {
		var e struct{ Device, Event string }
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return err
		}
		raw, err := json.Marshal(aztables.EDMEntity{
			Entity:     aztables.Entity{PartitionKey: e.Device, RowKey: newID()},
			Properties: map[string]any{"Event": e.Event},
		})
		if err != nil {
			return err
		}
		_, err = table.UpsertEntity(ctx, raw, nil) // want `\(freshkey\)`
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			defer cancel()
			errs[i] = work(ctx, queue, keep)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func work(ctx context.Context, queue *azqueue.QueueClient, handle handlerFunc) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := handle(ctx, *m.MessageText); err != nil {
			return fmt.Errorf("event %s: %w", *m.MessageID, err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

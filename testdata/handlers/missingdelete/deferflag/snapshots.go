// Package snapshots stores device snapshots; the delete is deferred and hangs on a named result.
package snapshots

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type consumer struct {
	queue   *azqueue.QueueClient
	objects *azblob.Client
}

// Run is the service's main loop.
func Run(ctx context.Context, queue *azqueue.QueueClient, objects *azblob.Client) {
	c := consumer{queue, objects}
	for ctx.Err() == nil {
		res, err := c.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(180))})
		if err != nil || len(res.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		if stored, err := c.handle(ctx, res.Messages[0]); err != nil {
			slog.Error("snapshot", "err", err)
		} else {
			slog.Info("snapshot", "stored", stored)
		}
	}
}

func (c consumer) handle(ctx context.Context, m *azqueue.DequeuedMessage) (stored bool, err error) {
	defer func() {
		if err == nil && stored {
			_, err = c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
		}
	}()
	var s struct {
		Device string
		Kind   string
		Data   json.RawMessage
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
		return false, err
	}
	name := s.Device + "/" + *m.MessageID
	if s.Kind == "delta" {
		if _, err := c.objects.UploadBuffer(ctx, "deltas", name, s.Data, nil); err != nil {
			return false, err
		}
		return false, nil // want `work succeeded.*unsettled.*\(missingdelete\)`
	}
	if _, err := c.objects.UploadBuffer(ctx, "full", name, s.Data, nil); err != nil {
		return false, err
	}
	return true, nil
}

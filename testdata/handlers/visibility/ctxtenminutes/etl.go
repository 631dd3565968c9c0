// Package etl triggers loads in the warehouse, which answers when the load is through.
package etl

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Loader loads.
type Loader struct {
	Queue     *azqueue.QueueClient
	Warehouse string
}

// Next loads what the next message names.
func (l Loader) Next(parent context.Context) error {
	res, err := l.Queue.DequeueMessage(parent, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(5 * 60))})
	if err != nil {
		return fmt.Errorf("etl: dequeue: %w", err)
	}
	for _, m := range res.Messages {
		if err := l.load(parent, *m.MessageID, *m.MessageText); err != nil {
			return fmt.Errorf("etl: load %s (delivery %d): %w", *m.MessageID, *m.DequeueCount, err)
		}
		if _, err := l.Queue.DeleteMessage(parent, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("etl: delete %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (l Loader) load(parent context.Context, id, spec string) error {
	ctx, cancel := context.WithTimeout(parent, 10*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, l.Warehouse+"/loads/"+id, bytes.NewBufferString(spec))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusCreated && resp.StatusCode != http.StatusOK {
		return fmt.Errorf("warehouse: %s", resp.Status)
	}
	return nil
}

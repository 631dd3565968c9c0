// Package exports writes files for the importer of another company, which takes in
// every file that it finds.
//
// Wrong: the dequeue count is in the name. Written as -1, delete lost, delivered
// again, written as -2: imported twice.
//
// Message: {"customer":"c-1","rows":["a;1","b;2"]}
// Before: container outbox exists
package exports

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type export struct {
	Customer string   `json:"customer"`
	Rows     []string `json:"rows"`
}

type exporter struct {
	blobs *azblob.Client
}

func (e exporter) export(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var x export
	if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
		return err
	}
	name := fmt.Sprintf("%s/%s-%d.csv", x.Customer, *m.MessageID, *m.DequeueCount)
	_, err := e.blobs.UploadStream(ctx, "outbox", name, strings.NewReader(strings.Join(x.Rows, "\n")), nil) // want `\(freshkey\)`
	return err
}

// Run exports until ctx ends.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	e := exporter{blobs}
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := e.export(ctx, m); err != nil {
			return fmt.Errorf("export %s: %w", *m.MessageID, err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

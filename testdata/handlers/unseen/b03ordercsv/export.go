// Package ordercsv exports the lines of an order when the warehouse asks for them.
package ordercsv

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Exporter exports orders.
type Exporter struct {
	Requests *azqueue.QueueClient
	Lines    *aztables.Client
	Out      *container.Client
}

type line struct {
	PartitionKey, RowKey string
	Article              string
	Quantity             int
	Cents                int
}

// Run exports until the context is done.
func (e *Exporter) Run(ctx context.Context) {
	idle := time.Second
	for ctx.Err() == nil {
		resp, err := e.Requests.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(300))})
		if err != nil || len(resp.Messages) == 0 {
			if err != nil && !errors.Is(err, context.Canceled) {
				slog.Error("dequeue", "err", err)
			}
			time.Sleep(idle)
			idle = min(2*idle, 30*time.Second)
			continue
		}
		idle = time.Second
		m := resp.Messages[0]
		if err := e.export(ctx, *m.MessageText); err != nil {
			slog.Error("export", "order", *m.MessageText, "delivery", *m.DequeueCount, "err", err)
			continue
		}
		if _, err := e.Requests.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("delete", "order", *m.MessageText, "err", err)
		}
	}
}

func (e *Exporter) export(ctx context.Context, order string) error {
	lines, err := collect(ctx, e.Lines.NewListEntitiesPager(&aztables.ListEntitiesOptions{
		Filter: to.Ptr(fmt.Sprintf("PartitionKey eq '%s'", order)),
	}), func(page aztables.ListEntitiesResponse) [][]byte { return page.Entities })
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	w.Comma = ';'
	if err := w.Write([]string{"line", "article", "quantity", "cents"}); err != nil {
		return err
	}
	for _, raw := range lines {
		var l line
		if err := json.Unmarshal(raw, &l); err != nil {
			return fmt.Errorf("line of %s: %w", order, err)
		}
		if err := w.Write([]string{l.RowKey, l.Article, strconv.Itoa(l.Quantity), strconv.Itoa(l.Cents)}); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	opts := &blockblob.UploadBufferOptions{HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("text/csv")}}
	_, err = e.Out.NewBlockBlobClient(order+".csv").UploadBuffer(ctx, buf.Bytes(), opts) // want `content that differs from attempt to attempt.*\(blobwrite\)`
	return err
}

// collect gathers what a pager yields.
func collect[P, T any](ctx context.Context, pager *runtime.Pager[P], items func(P) []T) ([]T, error) {
	var all []T
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, items(page)...)
	}
	return all, nil
}

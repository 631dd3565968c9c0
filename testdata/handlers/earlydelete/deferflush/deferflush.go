// Package deferflush imports price lists into a table through a writer that collects rows.
//
// Wrong: the rows are written by the deferred Flush, which runs when the function returns: after the delete, though
// it stands above it. A crash between the two, or a Flush that fails, loses the list.
//
// Message: {"list":"spring","prices":{"tea":300,"cake":450}}
package deferflush

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type rowWriter struct {
	table *aztables.Client
	rows  [][]byte
}

func (w *rowWriter) Add(partition, key string, price int) error {
	row, err := json.Marshal(map[string]any{"PartitionKey": partition, "RowKey": key, "Price": price})
	if err != nil {
		return err
	}
	w.rows = append(w.rows, row)
	return nil
}

func (w *rowWriter) Flush(ctx context.Context) error {
	for _, row := range w.rows {
		if _, err := w.table.UpsertEntity(ctx, row, nil); err != nil {
			return fmt.Errorf("flush: %w", err)
		}
	}
	w.rows = nil
	return nil
}

// Importer imports lists.
type Importer struct {
	Lists  *azqueue.QueueClient
	Prices *aztables.Client
}

// Import imports the next list.
func (im *Importer) Import(ctx context.Context) error {
	r, err := im.Lists.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
	if err != nil {
		return err
	}
	for _, m := range r.Messages {
		if err := im.list(ctx, m); err != nil {
			return fmt.Errorf("list %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (im *Importer) list(ctx context.Context, m *azqueue.DequeuedMessage) (err error) {
	w := &rowWriter{table: im.Prices}
	defer func() {
		if ferr := w.Flush(ctx); err == nil {
			err = ferr
		}
	}()
	var list struct {
		List   string         `json:"list"`
		Prices map[string]int `json:"prices"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &list); err != nil {
		return err
	}
	for article, price := range list.Prices {
		if err := w.Add(list.List, article, price); err != nil {
			return err
		}
	}
	_, err = im.Lists.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // miss `\(earlydelete\)`
	return err
}

// Package logandgo writes bank statements' lines into a table.
//
// Wrong: the upsert's error is logged, and the code goes on to the delete: when the table is busy, the line is lost.
//
// Message: {"account":"ch-1","line":"0007","cents":-2500}
package logandgo

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type line struct {
	Account string `json:"account"`
	Line    string `json:"line"`
	Cents   int    `json:"cents"`
}

// Statements writes lines until the queue is empty.
func Statements(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	for {
		r, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return fmt.Errorf("statements: %w", err)
		}
		if len(r.Messages) == 0 {
			return nil
		}
		m := r.Messages[0]

		var l line
		if err := json.Unmarshal([]byte(*m.MessageText), &l); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		row, err := json.Marshal(map[string]any{"PartitionKey": l.Account, "RowKey": l.Line, "Cents": l.Cents})
		if err != nil {
			return err
		}
		if _, err := table.UpsertEntity(ctx, row, nil); err != nil {
			log.Printf("line %s of %s was not written: %v", l.Line, l.Account, err)
		}

		if _, err := queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(deleteonerror\)`
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
}

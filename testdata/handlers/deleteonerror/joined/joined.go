// Package joined stores the rows of a timetable.
//
// Right: a row's error is logged and the loop goes on, but the error is kept, too, and with one of them the message
// stays; rows that were written are written again.
//
// Message: {"line":"13","times":["0812","0824"]}
package joined

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Timetables stores timetables.
type Timetables struct {
	Queue *azqueue.QueueClient
	Rows  *aztables.Client
}

// Store stores the next timetable.
func (t *Timetables) Store(ctx context.Context) error {
	r, err := t.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	if failed := t.rows(ctx, *m.MessageText); failed != nil {
		return fmt.Errorf("timetable %s, delivery %d: %w", *m.MessageID, *m.DequeueCount, failed)
	}
	_, err = t.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (t *Timetables) rows(ctx context.Context, text string) error {
	var x struct {
		Line  string   `json:"line"`
		Times []string `json:"times"`
	}
	if err := json.Unmarshal([]byte(text), &x); err != nil {
		return err
	}
	var failed []error
	for _, at := range x.Times {
		row, err := json.Marshal(map[string]string{"PartitionKey": x.Line, "RowKey": at})
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if _, err := t.Rows.UpsertEntity(ctx, row, nil); err != nil {
			log.Printf("line %s at %s: %v", x.Line, at, err)
			failed = append(failed, fmt.Errorf("%s: %w", at, err))
		}
	}
	return errors.Join(failed...)
}

// Package fallback keeps alarms in one of two regions; readers look in both.
//
// Right: the error of the first region is logged and the message deleted in the end, but only when the second region
// has taken the alarm; if it has not either, the message stays.
//
// Message: {"alarm":"alm-8","level":"high"}
package fallback

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Alarms keeps alarms.
type Alarms struct {
	Queue       *azqueue.QueueClient
	North, West *aztables.Client
}

// Keep keeps the next alarm.
func (a *Alarms) Keep(ctx context.Context) error {
	r, err := a.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var x struct{ Alarm, Level string }
	if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
		return fmt.Errorf("alarm %s: %w", *m.MessageID, err)
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": x.Level, "RowKey": x.Alarm})
	if err != nil {
		return err
	}
	if err := a.either(ctx, row); err != nil {
		return fmt.Errorf("alarm %s: %w", x.Alarm, err)
	}
	_, err = a.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (a *Alarms) either(ctx context.Context, row []byte) error {
	if _, err := a.North.UpsertEntity(ctx, row, nil); err != nil {
		slog.Warn("north is down", "err", err)
		_, err = a.West.UpsertEntity(ctx, row, nil)
		return err
	}
	return nil
}

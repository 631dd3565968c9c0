// Package meter bills electricity: what a meter shows more than the last time is
// added to what is used in the month.
//
// Right although it adds: what the meter showed last is in the same row, moves in
// the same conditional write, and the second time the difference is nothing. A
// reading that comes late is below what the meter showed already and adds nothing.
//
// Message: {"meter":"m-1","wh":15400}
// Before: row usage/2026-03/m-1 contains {"Shown":15000,"Used":900}
package meter

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type reading struct {
	Meter string `json:"meter"`
	WH    int    `json:"wh"`
}

type usage struct {
	PartitionKey string
	RowKey       string
	Shown        int
	Used         int
}

type store interface {
	load(ctx context.Context, meter string) (usage, azcore.ETag, error)
	save(ctx context.Context, u usage, etag azcore.ETag) error
}

type month struct {
	name  string
	table *aztables.Client
}

func (m month) load(ctx context.Context, meter string) (usage, azcore.ETag, error) {
	var u usage
	row, err := m.table.GetEntity(ctx, m.name, meter, nil)
	if err != nil {
		return u, "", err
	}
	err = json.Unmarshal(row.Value, &u)
	return u, row.ETag, err
}

func (m month) save(ctx context.Context, u usage, etag azcore.ETag) error {
	raw, err := json.Marshal(u)
	if err != nil {
		return err
	}
	_, err = m.table.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func bill(ctx context.Context, s store, r reading) error {
	u, etag, err := s.load(ctx, r.Meter)
	if err != nil {
		return err
	}
	more := r.WH - u.Shown
	if more <= 0 {
		return nil
	}
	u.Used += more
	u.Shown = r.WH
	return s.save(ctx, u, etag)
}

// Run bills the readings of March 2026.
func Run(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	march := month{"2026-03", table}
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
		var r reading
		if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
			return fmt.Errorf("reading %s: %w", *m.MessageID, err)
		}
		if err := bill(ctx, march, r); err != nil {
			return fmt.Errorf("reading %s: %w", *m.MessageID, err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

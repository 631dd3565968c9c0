// Package peak keeps the highest load that each meter ever reported.
//
// Right although old value and message are combined: the maximum of the same
// numbers is the same, however often and in whatever order they come.
//
// Message: {"meter":"m-1","kw":37}
// Before: row meters/all/m-1 contains {"PeakKW":20}
package peak

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type report struct {
	Meter string `json:"meter"`
	KW    int    `json:"kw"`
}

type meter struct {
	PartitionKey string
	RowKey       string
	PeakKW       int
}

// Run handles reports in small batches.
func Run(ctx context.Context, queue *azqueue.QueueClient, meters *aztables.Client) error {
	for {
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(4)),
			VisibilityTimeout: to.Ptr(int32(240)),
		})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			var r report
			if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
				return fmt.Errorf("report %s: %w", *m.MessageID, err)
			}
			if err := raise(ctx, meters, r); err != nil {
				return fmt.Errorf("report %s: %w", *m.MessageID, err)
			}
			if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
				return err
			}
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
		}
	}
}

func raise(ctx context.Context, meters *aztables.Client, r report) error {
	cur, err := meters.GetEntity(ctx, "all", r.Meter, nil)
	if err != nil {
		return err
	}
	var row meter
	if err := json.Unmarshal(cur.Value, &row); err != nil {
		return err
	}
	row.PeakKW = max(row.PeakKW, r.KW)
	raw, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = meters.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &cur.ETag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

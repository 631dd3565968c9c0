// Package votes counts ballots in one row a poll, under the row's ETag.
package votes

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Counter counts.
type Counter struct {
	ballots *azqueue.QueueClient
	polls   *aztables.Client
}

// Count handles ballots until the context is done.
func (c *Counter) Count(ctx context.Context) error {
	for ctx.Err() == nil {
		rsp, err := c.ballots.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(rsp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		ballot := rsp.Messages[0]
		if err := c.add(ctx, *ballot.MessageText); err != nil {
			slog.Error("not counted", "id", *ballot.MessageID, "deliveries", *ballot.DequeueCount, "err", err)
			continue
		}
		c.ballots.DeleteMessage(ctx, *ballot.MessageID, *ballot.PopReceipt, nil) // want `error of the settle is dropped.*\(missingdelete\)`
	}
	return nil
}

func (c *Counter) add(ctx context.Context, ballot string) error {
	poll, choice, ok := strings.Cut(ballot, "=")
	if !ok {
		return fmt.Errorf("%q is no ballot", ballot)
	}
	got, err := c.polls.GetEntity(ctx, "poll", poll, nil)
	if err != nil {
		return fmt.Errorf("read poll: %w", err)
	}
	var row aztables.EDMEntity
	if err := json.Unmarshal(got.Value, &row); err != nil {
		return fmt.Errorf("decode poll: %w", err)
	}
	n, _ := row.Properties[choice].(int32)
	row.Properties[choice] = n + 1
	raw, err := json.Marshal(row)
	if err != nil {
		return err
	}
	etag := azcore.ETag(got.ETag)
	_, err = c.polls.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &etag, UpdateMode: aztables.UpdateModeReplace}) // want `adds to what was read.*\(increment\)`
	return err
}

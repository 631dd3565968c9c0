// Package curator puts tracks into playlists.
//
// Right: the version that came with the list goes back with it, through the
// local interface into package tablestore.
package curator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/etag/playlistscas/tablestore"
)

type store interface {
	Fetch(ctx context.Context, key string) ([]byte, string, error)
	Swap(ctx context.Context, key string, value []byte, version string) error
}

type curator struct {
	requests *azqueue.QueueClient
	lists    store
}

// Run handles requests until an error of the queue.
func Run(ctx context.Context, requests *azqueue.QueueClient, table *aztables.Client) error {
	c := curator{requests: requests, lists: &tablestore.KV{Table: table, Partition: "playlists"}}
	for {
		if err := c.poll(ctx); err != nil {
			return fmt.Errorf("curator: %w", err)
		}
	}
}

func (c curator) poll(ctx context.Context) error {
	got, err := c.requests.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range got.Messages {
		var req struct{ List, Track string }
		if err := json.Unmarshal([]byte(*m.MessageText), &req); err != nil {
			slog.Error("unreadable request", "id", *m.MessageID, "deliveries", *m.DequeueCount)
			continue
		}
		switch err := c.add(ctx, req.List, req.Track); {
		case errors.Is(err, tablestore.ErrChanged):
			slog.Info("conflict, request comes back", "id", *m.MessageID)
			continue
		case err != nil:
			slog.Error("request failed", "id", *m.MessageID, "err", err)
			continue
		}
		if _, err := c.requests.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c curator) add(ctx context.Context, list, track string) error {
	raw, version, err := c.lists.Fetch(ctx, list)
	if err != nil {
		return err
	}
	var tracks []string
	if err := json.Unmarshal(raw, &tracks); err != nil {
		return err
	}
	if slices.Contains(tracks, track) {
		return nil
	}
	raw, err = json.Marshal(append(tracks, track))
	if err != nil {
		return err
	}
	return c.lists.Swap(ctx, list, raw, version)
}

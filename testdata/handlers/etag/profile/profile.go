// Package profile merges changed preferences into user profiles.
//
// The author believed in UpsertEntityOptions.ETag; the SDK never sends it.
package profile

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Event says that a user changed preferences.
type Event struct {
	Tenant      string            `json:"tenant"`
	UserID      string            `json:"userId"`
	Preferences map[string]string `json:"preferences"`
}

type clients struct {
	events   *azqueue.QueueClient
	profiles *aztables.Client
}

func dial() (*clients, error) {
	conn := os.Getenv("PROFILE_STORAGE")
	svc, err := azqueue.NewServiceClientFromConnectionString(conn, nil)
	if err != nil {
		return nil, fmt.Errorf("queue service: %w", err)
	}
	tables, err := aztables.NewServiceClientFromConnectionString(conn, nil)
	if err != nil {
		return nil, fmt.Errorf("table service: %w", err)
	}
	return &clients{events: svc.NewQueueClient("preference-events"), profiles: tables.NewClient("profiles")}, nil
}

// ServeOne handles at most one event.
func ServeOne(ctx context.Context) error {
	c, err := dial()
	if err != nil {
		return err
	}
	resp, err := c.events.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var ev Event
		if err := json.Unmarshal([]byte(*msg.MessageText), &ev); err != nil {
			return fmt.Errorf("event %s: %w", *msg.MessageID, err)
		}
		if err := mergePreferences(ctx, c.profiles, ev); err != nil {
			return fmt.Errorf("event %s: %w", *msg.MessageID, err)
		}
		if _, err := c.events.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete event %s: %w", *msg.MessageID, err)
		}
		slog.Info("preferences merged", slog.String("user", ev.UserID))
	}
	return nil
}

func mergePreferences(ctx context.Context, t *aztables.Client, ev Event) error {
	e, etag, err := fetch(ctx, t, ev.Tenant, ev.UserID)
	if err != nil {
		return err
	}
	for k, v := range ev.Preferences {
		e.Properties[k] = v
	}
	doc, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode profile: %w", err)
	}
	_, err = t.UpsertEntity(ctx, doc, &aztables.UpsertEntityOptions{ // want `read-modify-write without a precondition.*\(etag\)`
		ETag:       etag,
		UpdateMode: aztables.UpdateModeReplace,
	})
	return err
}

func fetch(ctx context.Context, t *aztables.Client, pk, rk string) (e aztables.EDMEntity, etag azcore.ETag, err error) {
	r, err := t.GetEntity(ctx, pk, rk, nil)
	if err != nil {
		return e, "", fmt.Errorf("profile %s/%s: %w", pk, rk, err)
	}
	if err = json.Unmarshal(r.Value, &e); err != nil {
		return e, "", fmt.Errorf("decode profile: %w", err)
	}
	return e, r.ETag, nil
}

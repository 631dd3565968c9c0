// Package grants gives visitors access for eight hours from the moment the desk sent the message.
//
// Right: the expiry is reckoned from the message, not from the clock; the clock only tells what is over.
package grants

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

const stay = 8 * time.Hour

type action func(ctx context.Context, now time.Time, body []byte) error

// Desk handles what the front desk sends.
type Desk struct {
	receiver *azservicebus.Receiver
	doors    *aztables.Client
	actions  map[string]action
}

// NewDesk returns a Desk.
func NewDesk(receiver *azservicebus.Receiver, doors *aztables.Client) *Desk {
	d := &Desk{receiver: receiver, doors: doors}
	d.actions = map[string]action{
		"visitor":    d.visitor,
		"contractor": d.contractor,
	}
	return d
}

// Run ends when receiving fails or the context is done.
func (d *Desk) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		msgs, err := d.receiver.ReceiveMessages(ctx, 10, nil)
		if err != nil {
			return fmt.Errorf("desk: %w", err)
		}
		for _, m := range msgs {
			err := d.dispatch(ctx, m)
			if err == nil {
				err = d.receiver.CompleteMessage(ctx, m, nil)
			} else if e := d.receiver.AbandonMessage(ctx, m, nil); e != nil {
				err = errors.Join(err, e)
			}
			if err != nil {
				slog.Error("desk", "message", m.MessageID, "delivery", m.DeliveryCount, "err", err)
			}
		}
	}
	return ctx.Err()
}

func (d *Desk) dispatch(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	if m.Subject == nil || m.EnqueuedTime == nil {
		return errors.New("no subject or time")
	}
	act, ok := d.actions[*m.Subject]
	if !ok {
		return fmt.Errorf("unknown subject %q", *m.Subject)
	}
	if time.Since(*m.EnqueuedTime) > stay {
		slog.Info("over before it began", "message", m.MessageID)
		return nil
	}
	return act(ctx, *m.EnqueuedTime, m.Body)
}

type person struct {
	Visit string `json:"visit"` // each visit is announced once
	Badge string `json:"badge"`
	Door  string `json:"door"`
}

func (d *Desk) visitor(ctx context.Context, now time.Time, body []byte) error {
	var p person
	if err := json.Unmarshal(body, &p); err != nil {
		return err
	}
	return d.open(ctx, "visitor-"+p.Visit, p.Badge, p.Door, now.Add(stay))
}

func (d *Desk) contractor(ctx context.Context, now time.Time, body []byte) error {
	var list []person
	if err := json.Unmarshal(body, &list); err != nil {
		return err
	}
	midnight := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	for _, p := range list {
		if err := d.open(ctx, "contractor-"+p.Visit, p.Badge, p.Door, midnight); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) open(ctx context.Context, visit, badge, door string, until time.Time) error {
	row, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: door, RowKey: visit},
		Properties: map[string]any{"Badge": badge, "ExpiresAt": aztables.EDMDateTime(until)},
	})
	if err != nil {
		return err
	}
	_, err = d.doors.UpsertEntity(ctx, row, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	return err
}

// Package bussequence records meter readings in the order in which the service bus
// took them in.
//
// Right: sequence number and enqueue time belong to the message and are the same on
// each delivery, unlike its lock token and its delivery count, which are only
// logged. The second insert is refused and taken as done.
//
// Message: {"meter":"m-1","wh":15400}
package bussequence

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type reading struct {
	Meter string `json:"meter"`
	WH    int    `json:"wh"`
}

// Recorder records readings.
type Recorder struct {
	Bus      *azservicebus.Receiver
	Readings *aztables.Client
}

// Run records until the receiver fails.
func (r *Recorder) Run(ctx context.Context) error {
	for {
		msgs, err := r.Bus.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			slog.Info("reading", "message", m.MessageID, "lock", hex.EncodeToString(m.LockToken[:]), "delivery", m.DeliveryCount)
			if err := r.record(ctx, m); err != nil {
				return errors.Join(err, r.Bus.AbandonMessage(context.WithoutCancel(ctx), m, nil))
			}
			if err := r.Bus.CompleteMessage(context.WithoutCancel(ctx), m, nil); err != nil {
				return err
			}
		}
	}
}

func (r *Recorder) record(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	var in reading
	if err := json.Unmarshal(m.Body, &in); err != nil {
		return err
	}
	if m.SequenceNumber == nil || m.EnqueuedTime == nil {
		return fmt.Errorf("message %s has no number", m.MessageID)
	}
	raw, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{
			PartitionKey: in.Meter + " " + m.EnqueuedTime.UTC().Format("2006-01"),
			RowKey:       fmt.Sprintf("%020d", *m.SequenceNumber),
		},
		Properties: map[string]any{"WH": int32(in.WH)},
	})
	if err != nil {
		return err
	}
	_, err = r.Readings.AddEntity(ctx, raw, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
		return nil
	}
	return err
}

// Package cancelbatch cancels all bookings of a tour.
//
// Right: each row of the transaction is under the tag that came with it in the list; if one has changed, none is written.
package cancelbatch

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Canceller cancels.
type Canceller struct {
	bookings *aztables.Client
}

// Process handles one message of a tour topic and settles it.
func (c *Canceller) Process(ctx context.Context, r *azservicebus.Receiver, msg *azservicebus.ReceivedMessage) error {
	var e struct {
		Tour   string `json:"tour"`
		Reason string `json:"reason"`
	}
	if err := json.Unmarshal(msg.Body, &e); err != nil {
		return r.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{Reason: to.Ptr("not JSON")})
	}
	if err := c.cancel(ctx, e.Tour, e.Reason); err != nil {
		slog.Error("cancel", "tour", e.Tour, "delivery", msg.DeliveryCount, "err", err)
		return r.AbandonMessage(ctx, msg, nil)
	}
	return r.CompleteMessage(ctx, msg, nil)
}

// Run ends with the context.
func (c *Canceller) Run(ctx context.Context, client *azservicebus.Client) error {
	r, err := client.NewReceiverForSubscription("tours", "cancellations", nil)
	if err != nil {
		return err
	}
	defer r.Close(context.WithoutCancel(ctx))
	for {
		msgs, err := r.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, msg := range msgs {
			if err := c.Process(ctx, r, msg); err != nil {
				slog.Error("settle", "message", msg.MessageID, "err", err)
			}
		}
	}
}

func (c *Canceller) cancel(ctx context.Context, tour, reason string) error {
	var actions []aztables.TransactionAction
	pager := c.bookings.NewListEntitiesPager(&aztables.ListEntitiesOptions{
		Filter: to.Ptr(fmt.Sprintf("PartitionKey eq '%s'", tour)),
		Format: to.Ptr(aztables.MetadataFormatFull),
	})
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, raw := range page.Entities {
			action, err := cancelled(raw, reason)
			if err != nil {
				return err
			}
			if action != nil {
				actions = append(actions, *action)
			}
		}
	}
	for start := 0; start < len(actions); start += 100 {
		end := min(start+100, len(actions))
		if _, err := c.bookings.SubmitTransaction(ctx, actions[start:end], nil); err != nil {
			return fmt.Errorf("rows %d to %d of %s: %w", start, end, tour, err)
		}
	}
	return nil
}

func cancelled(raw []byte, reason string) (*aztables.TransactionAction, error) {
	var row aztables.EDMEntity
	if err := json.Unmarshal(raw, &row); err != nil {
		return nil, err
	}
	if row.Properties["Status"] == "cancelled" {
		return nil, nil
	}
	row.Properties["Before"] = row.Properties["Status"]
	row.Properties["Status"] = "cancelled"
	row.Properties["Reason"] = reason
	row.Properties["UpdatedAt"] = aztables.EDMDateTime(time.Now())
	tag := azcore.ETag(row.ETag)
	data, err := json.Marshal(row)
	if err != nil {
		return nil, err
	}
	return &aztables.TransactionAction{
		ActionType: aztables.TransactionTypeUpdateReplace,
		Entity:     data,
		IfMatch:    &tag,
	}, nil
}

// Package busabandon stores seats' reservations that arrive over Service Bus.
//
// Right: in the error arm the message is given back, not completed; that giving back may fail is logged only, since
// the lock ends by itself.
//
// Message: {"show":"sw-3","seat":"C4","guest":"gu-1"}
package busabandon

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Receiver is what BoxOffice needs of a *azservicebus.Receiver.
type Receiver interface {
	ReceiveMessages(ctx context.Context, max int, o *azservicebus.ReceiveMessagesOptions) ([]*azservicebus.ReceivedMessage, error)
	CompleteMessage(ctx context.Context, m *azservicebus.ReceivedMessage, o *azservicebus.CompleteMessageOptions) error
	AbandonMessage(ctx context.Context, m *azservicebus.ReceivedMessage, o *azservicebus.AbandonMessageOptions) error
}

// BoxOffice stores reservations.
type BoxOffice struct {
	In    Receiver
	Seats *aztables.Client
}

// Open stores the reservations of one receive.
func (b *BoxOffice) Open(ctx context.Context) error {
	msgs, err := b.In.ReceiveMessages(ctx, 5, nil)
	if err != nil {
		return fmt.Errorf("box office: %w", err)
	}
	for _, m := range msgs {
		if err := b.reserve(ctx, m.Body); err != nil {
			slog.Error("not reserved", "id", m.MessageID, "delivery", m.DeliveryCount, "err", err)
			if err := b.In.AbandonMessage(ctx, m, nil); err != nil {
				slog.Warn("not abandoned", "id", m.MessageID, "err", err)
			}
			continue
		}
		if err := b.In.CompleteMessage(ctx, m, nil); err != nil {
			slog.Warn("not completed", "id", m.MessageID, "err", err)
		}
	}
	return nil
}

func (b *BoxOffice) reserve(ctx context.Context, body []byte) error {
	var r struct{ Show, Seat, Guest string }
	if err := json.Unmarshal(body, &r); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": r.Show, "RowKey": r.Guest + "." + r.Seat})
	if err != nil {
		return err
	}
	_, err = b.Seats.UpsertEntity(ctx, row, nil)
	return err
}

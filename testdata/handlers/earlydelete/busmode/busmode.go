// Package busmode books stock movements that arrive over Service Bus.
//
// Wrong: the receiver is opened in ReceiveAndDelete mode, so the broker forgets a movement when it sends it; a
// crash before the upsert, or a failed upsert, loses it.
//
// Message: {"movement":"mv-8","sku":"A4","delta":-2}
package busmode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type movement struct {
	Movement string `json:"movement"`
	SKU      string `json:"sku"`
	Delta    int    `json:"delta"`
}

// Book books movements until ctx ends.
func Book(ctx context.Context, bus *azservicebus.Client, stock *aztables.Client) (err error) {
	in, err := bus.NewReceiverForQueue("movements", &azservicebus.ReceiverOptions{
		ReceiveMode: azservicebus.ReceiveModeReceiveAndDelete,
	})
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close(context.WithoutCancel(ctx))) }()

	for ctx.Err() == nil {
		msgs, err := in.ReceiveMessages(ctx, 1, nil) // want `\(earlydelete\)`
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, m := range msgs {
			var mv movement
			if err := json.Unmarshal(m.Body, &mv); err != nil {
				return fmt.Errorf("movement %s: %w", m.MessageID, err)
			}
			row, err := json.Marshal(map[string]any{"PartitionKey": mv.SKU, "RowKey": mv.Movement, "Delta": mv.Delta})
			if err != nil {
				return err
			}
			if _, err := stock.UpsertEntity(ctx, row, nil); err != nil {
				return fmt.Errorf("book %s: %w", mv.Movement, err)
			}
		}
	}
	return nil
}

// Package worker reads departures and shows them on a board that it knows as an interface only.
package worker

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Departure is a message.
type Departure struct {
	Train    string `json:"train"`
	Platform string `json:"platform"`
	Minutes  int    `json:"minutes"`
}

// Board shows a departure.
type Board interface {
	Show(ctx context.Context, d Departure) error
}

// Run shows departures until the receiver fails.
func Run(ctx context.Context, rcv *azservicebus.Receiver, board Board) error {
	for {
		msgs, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, m := range msgs {
			var d Departure
			if err := json.Unmarshal(m.Body, &d); err != nil {
				if err := rcv.DeadLetterMessage(ctx, m, nil); err != nil {
					return fmt.Errorf("dead-letter: %w", err)
				}
				continue
			}
			if err := board.Show(ctx, d); err != nil {
				if err := rcv.AbandonMessage(ctx, m, nil); err != nil {
					return fmt.Errorf("abandon: %w", err)
				}
				continue
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return fmt.Errorf("complete: %w", err)
			}
		}
	}
}

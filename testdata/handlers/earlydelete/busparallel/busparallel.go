// Package busparallel writes attendance rows, one goroutine per message.
//
// Right: the receiver peeks and locks (its mode says so), every goroutine completes its own message after its own
// row, and the round ends when all of them have.
//
// Message: {"lecture":"le-1","student":"s-9"}
package busparallel

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

const mode = azservicebus.ReceiveModePeekLock

// Attendance takes the attendance of one round.
func Attendance(ctx context.Context, bus *azservicebus.Client, rows *aztables.Client) error {
	in, err := bus.NewReceiverForQueue("attendance", &azservicebus.ReceiverOptions{ReceiveMode: mode})
	if err != nil {
		return err
	}
	defer in.Close(context.WithoutCancel(ctx))

	msgs, err := in.ReceiveMessages(ctx, 16, nil)
	if err != nil {
		return fmt.Errorf("attendance: %w", err)
	}
	var wg sync.WaitGroup
	for _, m := range msgs {
		wg.Go(func() {
			if err := write(ctx, rows, m.Body); err != nil {
				slog.Error("not written", "id", m.MessageID, "delivery", m.DeliveryCount, "err", err)
				return
			}
			if err := in.CompleteMessage(ctx, m, nil); err != nil {
				slog.Warn("will be written again", "id", m.MessageID, "err", err)
			}
		})
	}
	wg.Wait()
	return nil
}

func write(ctx context.Context, rows *aztables.Client, body []byte) error {
	var a struct{ Lecture, Student string }
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": a.Lecture, "RowKey": a.Student})
	if err != nil {
		return err
	}
	_, err = rows.UpsertEntity(ctx, row, nil)
	return err
}

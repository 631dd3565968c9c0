// Package bookings takes bookings under peek-lock and parks them in a buffered channel; the locks run meanwhile.
package bookings

import (
	"context"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type work struct {
	rcv *azservicebus.Receiver
	msg *azservicebus.ReceivedMessage
}

// Listen reads the queue "bookings" with the given number of workers.
func Listen(ctx context.Context, bus *azservicebus.Client, rows *aztables.Client, workers int) error {
	rcv, err := bus.NewReceiverForQueue("bookings", &azservicebus.ReceiverOptions{ReceiveMode: azservicebus.ReceiveModePeekLock})
	if err != nil {
		return fmt.Errorf("receiver: %w", err)
	}
	parked := make(chan work, 200)
	defer close(parked)
	for range workers {
		go func() {
			for w := range parked {
				book(ctx, rows, w)
			}
		}()
	}
	for {
		msgs, err := rcv.ReceiveMessages(ctx, 50, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, m := range msgs {
			parked <- work{rcv, m} // want `parked.*\(visibility\)`
		}
	}
}

func book(ctx context.Context, rows *aztables.Client, w work) {
	row := fmt.Sprintf(`{"PartitionKey":"booking","RowKey":%q,"Text":%q}`, w.msg.MessageID, w.msg.Body)
	if _, err := rows.UpsertEntity(ctx, []byte(row), nil); err != nil {
		log.Printf("bookings: %s: %v", w.msg.MessageID, err)
		if err := w.rcv.AbandonMessage(ctx, w.msg, nil); err != nil {
			log.Printf("bookings: abandon: %v", err)
		}
		return
	}
	if err := w.rcv.CompleteMessage(ctx, w.msg, nil); err != nil {
		log.Printf("bookings: complete: %v", err)
	}
}

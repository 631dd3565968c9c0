// Package booking writes a seat plan and the booking of a seat in one table
// transaction. The transaction makes the two writes one; it does not tell the
// service which version of the plan they were computed from.
package booking

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type request struct {
	Show, Seat, Guest string
}

type plan struct {
	aztables.Entity
	Seats string
}

type booking struct {
	aztables.Entity
	Seat, Guest string
}

// Clerk books seats.
type Clerk struct {
	Requests *azqueue.QueueClient
	Shows    *aztables.Client
}

// Open serves until closing time.
func (c *Clerk) Open(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.serve(ctx); err != nil {
			log.Println("booking:", err)
			time.Sleep(250 * time.Millisecond)
		}
	}
}

func (c *Clerk) serve(ctx context.Context) error {
	resp, err := c.Requests.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(40))})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var r request
		if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
			return fmt.Errorf("request %s: %w", *m.MessageID, err)
		}
		if err := c.book(ctx, *m.MessageID, r); err != nil {
			return fmt.Errorf("request %s: %w", *m.MessageID, err)
		}
		if _, err := c.Requests.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (c *Clerk) book(ctx context.Context, id string, r request) error {
	got, err := c.Shows.GetEntity(ctx, r.Show, "plan", nil)
	if err != nil {
		return err
	}
	var p plan
	if err := json.Unmarshal(got.Value, &p); err != nil {
		return err
	}
	taken := map[string]string{}
	if err := json.Unmarshal([]byte(p.Seats), &taken); err != nil {
		return err
	}
	if by, ok := taken[r.Seat]; ok && by != id {
		log.Printf("seat %s of %s is taken, request %s is void", r.Seat, r.Show, id)
		return nil
	}
	taken[r.Seat] = id
	seats, err := json.Marshal(taken)
	if err != nil {
		return err
	}
	p.Seats = string(seats)
	planRow, err := json.Marshal(p)
	if err != nil {
		return err
	}
	bookingRow, err := json.Marshal(booking{
		Entity: aztables.Entity{PartitionKey: r.Show, RowKey: "booking-" + id},
		Seat:   r.Seat,
		Guest:  r.Guest,
	})
	if err != nil {
		return err
	}
	actions := []aztables.TransactionAction{
		{ActionType: aztables.TransactionTypeUpdateMerge, Entity: planRow},
		{ActionType: aztables.TransactionTypeInsertReplace, Entity: bookingRow},
	}
	_, err = c.Shows.SubmitTransaction(ctx, actions, nil) // want `read-modify-write without a precondition.*\(etag\)`
	return err
}

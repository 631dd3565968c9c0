// Package dispatch assigns drivers to deliveries.
package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type assignment struct {
	Depot    string `json:"depot"`
	Delivery string `json:"delivery"`
	Driver   string `json:"driver"`
}

type delivery struct {
	aztables.Entity
	Driver string
	State  string
	Stops  string
}

type driver struct {
	aztables.Entity
	Name  string
	Route string
}

type dispatcher struct {
	q          *azqueue.QueueClient
	deliveries *aztables.Client
	drivers    *aztables.Client
}

func (d *dispatcher) loop(ctx context.Context) {
	for ctx.Err() == nil {
		got, err := d.q.DequeueMessage(ctx, nil)
		if err != nil {
			log.Print("dequeue: ", err)
			time.Sleep(time.Second)
			continue
		}
		for _, m := range got.Messages {
			if err := d.one(ctx, *m.MessageText); err != nil {
				log.Printf("assignment %s: %v", *m.MessageID, err)
				continue
			}
			if _, err := d.q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Printf("assignment %s: delete: %v", *m.MessageID, err)
			}
		}
	}
}

func (d *dispatcher) one(ctx context.Context, text string) error {
	var a assignment
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return err
	}
	dl, err := d.deliveries.GetEntity(ctx, a.Depot, a.Delivery, nil)
	if err != nil {
		return fmt.Errorf("delivery: %w", err)
	}
	dr, err := d.drivers.GetEntity(ctx, a.Depot, a.Driver, nil)
	if err != nil {
		return fmt.Errorf("driver: %w", err)
	}
	var row delivery
	if err := json.Unmarshal(dl.Value, &row); err != nil {
		return err
	}
	var who driver
	if err := json.Unmarshal(dr.Value, &who); err != nil {
		return err
	}
	row.Driver, row.State = who.Name, "assigned"
	out, err := json.Marshal(row)
	if err != nil {
		return err
	}
	// dr.ETag is the driver's version, not the delivery's.
	_, err = d.deliveries.UpdateEntity(ctx, out, &aztables.UpdateEntityOptions{IfMatch: &dr.ETag, UpdateMode: aztables.UpdateModeReplace}) // want `precondition from another read.*\(etag\)`
	return err
}

// Main runs the dispatcher with the tables of the given account.
func Main(ctx context.Context, q *azqueue.QueueClient, svc *aztables.ServiceClient) {
	d := &dispatcher{q: q, deliveries: svc.NewClient("deliveries"), drivers: svc.NewClient("drivers")}
	d.loop(ctx)
}

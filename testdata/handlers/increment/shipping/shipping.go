// Package shipping marks orders as shipped, and counts the revisions of an order
// and its parcels.
//
// Right although Revision and Parcels are relative: they move only with the step
// from paid to shipped, in one conditional write. An order that is shipped already
// is left as it is, and no step leads back to paid.
//
// Message: {"order":"o-5","parcels":2}
// Before: row orders/eu/o-5 contains {"State":"paid","Revision":3,"Parcels":0}
package shipping

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type shipment struct {
	Order   string `json:"order"`
	Parcels int    `json:"parcels"`
}

type order struct {
	PartitionKey string
	RowKey       string
	State        string
	Revision     int
	Parcels      int
}

// ship takes the step, and says whether there was one to take.
func (o *order) ship(parcels int) (bool, error) {
	switch o.State {
	case "paid":
	case "shipped", "delivered", "returned":
		return false, nil
	default:
		return false, fmt.Errorf("order %s is %s", o.RowKey, o.State)
	}
	o.State = "shipped"
	o.Revision++
	o.Parcels += parcels
	return true, nil
}

// Desk handles shipments.
type Desk struct {
	Shipments *azqueue.QueueClient
	Orders    *aztables.Client
}

// Run handles shipments until something fails.
func (d *Desk) Run(ctx context.Context) error {
	for {
		resp, err := d.Shipments.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var s shipment
		if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
			return err
		}
		if err := d.ship(ctx, s); err != nil {
			return err
		}
		if _, err := d.Shipments.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func (d *Desk) ship(ctx context.Context, s shipment) error {
	got, err := d.Orders.GetEntity(ctx, "eu", s.Order, nil)
	if err != nil {
		return err
	}
	var o order
	if err := json.Unmarshal(got.Value, &o); err != nil {
		return err
	}
	moved, err := o.ship(s.Parcels)
	if err != nil || !moved {
		return err
	}
	raw, err := json.Marshal(o)
	if err != nil {
		return err
	}
	_, err = d.Orders.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// Package capaside books flights' meals; what fails five times is put aside as a blob.
//
// Right: over the cap, the error is given up on and the message deleted, but its text lies in the container "aside"
// by then.
//
// Message: {"flight":"LX1","seat":"12A","meal":"vegan"}
package capaside

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const most = 5

// Kitchen books meals.
type Kitchen struct {
	Orders *azqueue.QueueClient
	Meals  *aztables.Client
	Blobs  *azblob.Client
}

// Cook books until the queue is empty.
func (k *Kitchen) Cook(ctx context.Context) error {
	for {
		r, err := k.Orders.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
		if err != nil {
			return err
		}
		if len(r.Messages) == 0 {
			return nil
		}
		m := r.Messages[0]
		if err := k.meal(ctx, *m.MessageText); err != nil {
			log.Printf("meal %s, delivery %d: %v", *m.MessageID, *m.DequeueCount, err)
			if *m.DequeueCount < most {
				continue
			}
			if _, err := k.Blobs.UploadBuffer(ctx, "aside", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
				log.Printf("meal %s cannot be put aside: %v", *m.MessageID, err)
				continue
			}
		}
		if _, err := k.Orders.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			log.Printf("meal %s comes again: %v", *m.MessageID, err)
		}
	}
}

func (k *Kitchen) meal(ctx context.Context, text string) error {
	var x struct{ Flight, Seat, Meal string }
	if err := json.Unmarshal([]byte(text), &x); err != nil {
		return fmt.Errorf("order: %w", err)
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": x.Flight, "RowKey": x.Seat + "." + x.Meal})
	if err != nil {
		return err
	}
	_, err = k.Meals.UpsertEntity(ctx, row, nil)
	return err
}

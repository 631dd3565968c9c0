// Package enrich writes the label of a shipment with the customer's address of
// the day. The address is kept under the customer that the message names, and
// may have changed when the message comes back.
package enrich

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type shipment struct {
	Number   string `json:"number"`
	Region   string `json:"region"`
	Customer string `json:"customer"`
}

type customer struct {
	aztables.Entity
	Address string
}

// Labeller writes labels.
type Labeller struct {
	Shipments *azqueue.QueueClient
	Customers *aztables.Client
	Labels    *azblob.Client
}

// Next writes at most one label.
func (l *Labeller) Next(ctx context.Context) error {
	resp, err := l.Shipments.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		if err := l.label(ctx, *m.MessageText); err != nil {
			log.Printf("label for %s: %v", *m.MessageID, err)
			continue
		}
		if _, err := l.Shipments.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (l *Labeller) label(ctx context.Context, text string) error {
	var s shipment
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	row, err := l.Customers.GetEntity(ctx, s.Region, s.Customer, nil)
	if err != nil {
		return err
	}
	var c customer
	if err := json.Unmarshal(row.Value, &c); err != nil {
		return err
	}
	label := fmt.Sprintf("%s\n%s\n", s.Number, c.Address)
	_, err = l.Labels.UploadBuffer(ctx, "labels", s.Number+".txt", []byte(label), nil) // want `strict.*\(blobwrite\)`
	return err
}

// Package collector geocodes addresses in goroutines that send their results to a collector.
//
// Wrong: a result carries its error, the collector logs it, and deletes the message as it does the others'.
//
// Message: {"address":"ad-9","city":"Bern"}
package collector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type result struct {
	msg *azqueue.DequeuedMessage
	err error
}

// Geocoder geocodes.
type Geocoder struct {
	Addresses *azqueue.QueueClient
	Places    *aztables.Client
}

// Round geocodes up to eight addresses at a time.
func (g *Geocoder) Round(ctx context.Context) error {
	r, err := g.Addresses.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages: to.Ptr(int32(8)), VisibilityTimeout: to.Ptr(int32(120)),
	})
	if err != nil {
		return fmt.Errorf("addresses: %w", err)
	}
	results := make(chan result, len(r.Messages))
	for _, m := range r.Messages {
		go func() {
			results <- result{msg: m, err: g.locate(ctx, *m.MessageText)}
		}()
	}
	var errs []error
	for range r.Messages {
		res := <-results
		if res.err != nil {
			slog.Error("not located", "id", *res.msg.MessageID, "err", res.err)
		}
		if _, err := g.Addresses.DeleteMessage(ctx, *res.msg.MessageID, *res.msg.PopReceipt, nil); err != nil { // miss `\(deleteonerror\)`
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (g *Geocoder) locate(ctx context.Context, text string) error {
	var a struct{ Address, City string }
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return err
	}
	cell := 0
	for _, c := range a.City {
		cell = (cell*31 + int(c)) % 1000
	}
	row, err := json.Marshal(map[string]any{"PartitionKey": a.City, "RowKey": a.Address, "Cell": cell})
	if err != nil {
		return err
	}
	_, err = g.Places.UpsertEntity(ctx, row, nil)
	return err
}

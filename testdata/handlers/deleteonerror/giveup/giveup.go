// Package giveup mirrors exchange rates into a blob for each day and pair.
//
// Wrong: three attempts, and after the third the loop simply ends: store returns as if all were well, and the
// message of a rate that is stored nowhere is deleted.
//
// Message: {"pair":"EURCHF","day":"2024-05-01","rate":"0.98"}
package giveup

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const attempts = 3

// Rates mirrors rates.
type Rates struct {
	Queue *azqueue.QueueClient
	Blobs *azblob.Client
}

// Mirror mirrors one rate.
func (x *Rates) Mirror(ctx context.Context) error {
	r, err := x.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var rate struct{ Pair, Day, Rate string }
	if err := json.Unmarshal([]byte(*m.MessageText), &rate); err != nil {
		return fmt.Errorf("rate %s: %w", *m.MessageID, err)
	}
	if err := x.store(ctx, rate.Pair+"/"+rate.Day, rate.Rate); err != nil {
		return err
	}
	_, err = x.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `\(deleteonerror\)`
	return err
}

func (x *Rates) store(ctx context.Context, name, rate string) error {
	for i := range attempts {
		_, err := x.Blobs.UploadBuffer(ctx, "rates", name, []byte(rate), nil)
		if err == nil {
			return nil
		}
		log.Printf("rate %s, attempt %d of %d: %v", name, i+1, attempts, err)
		select {
		case <-time.After(time.Duration(i+1) * time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	log.Printf("rate %s: giving up", name)
	return nil
}

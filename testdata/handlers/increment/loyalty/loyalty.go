// Package loyalty stamps loyalty cards: every tenth coffee is free.
//
// Wrong: the row's ETag travels with the card and is checked on the way back, so
// two baristas do not lose a stamp. The same coffee delivered twice (the lock ran
// out while the completion was on its way) gives two stamps.
//
// Message: {"cafe":"c1","card":"k-9"}
// Before: row cards/c1/k-9 contains {"Stamps":3,"Free":0}
package loyalty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type card struct {
	PartitionKey, RowKey string
	Stamps, Free         int
}

type versioned[T any] struct {
	Value T
	ETag  azcore.ETag
}

type cardStore interface {
	Get(ctx context.Context, cafe, id string) (versioned[card], error)
	Put(ctx context.Context, c versioned[card]) error
}

type cards struct{ t *aztables.Client }

func (c cards) Get(ctx context.Context, cafe, id string) (out versioned[card], err error) {
	row, err := c.t.GetEntity(ctx, cafe, id, nil)
	if err != nil {
		return out, err
	}
	out.ETag = row.ETag
	err = json.Unmarshal(row.Value, &out.Value)
	return out, err
}

func (c cards) Put(ctx context.Context, in versioned[card]) error {
	raw, err := json.Marshal(in.Value)
	if err != nil {
		return err
	}
	_, err = c.t.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &in.ETag, UpdateMode: aztables.UpdateModeReplace}) // want `\(increment\)`
	return err
}

func stamp(ctx context.Context, store cardStore, body []byte) error {
	var coffee struct{ Cafe, Card string }
	if err := json.Unmarshal(body, &coffee); err != nil {
		return err
	}
	c, err := store.Get(ctx, coffee.Cafe, coffee.Card)
	if err != nil {
		return err
	}
	c.Value.Stamps++
	if c.Value.Stamps == 10 {
		c.Value.Stamps, c.Value.Free = 0, c.Value.Free+1
	}
	return store.Put(ctx, c)
}

// Serve stamps cards until the receiver is closed.
func Serve(ctx context.Context, coffees *azservicebus.Receiver, table *aztables.Client) error {
	store := cards{table}
	for {
		msgs, err := coffees.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, m := range msgs {
			work, cancel := context.WithTimeout(ctx, 15*time.Second)
			err := stamp(work, store, m.Body)
			cancel()
			if err != nil {
				if aerr := coffees.AbandonMessage(context.WithoutCancel(ctx), m, nil); aerr != nil {
					return errors.Join(err, aerr)
				}
				continue
			}
			if err := coffees.CompleteMessage(context.WithoutCancel(ctx), m, nil); err != nil {
				return fmt.Errorf("complete: %w", err)
			}
		}
	}
}

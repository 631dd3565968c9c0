// Package seededdraw draws the winner of a raffle.
//
// Right although it draws: the generator is seeded with a hash of the message's id,
// and draws the same place and the same winner on each delivery. The row is
// create-only besides.
//
// Message: {"raffle":"r-1","names":["Ida","Mia","Tom"]}
package seededdraw

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type raffle struct {
	Raffle string   `json:"raffle"`
	Names  []string `json:"names"`
}

func (r raffle) draw(rng *rand.Rand) (ticket, winner string) {
	return fmt.Sprintf("ticket-%06d", rng.IntN(1_000_000)), r.Names[rng.IntN(len(r.Names))]
}

// Fair draws winners.
type Fair struct {
	Queue   *azqueue.QueueClient
	Winners *aztables.Client
}

// Run draws until the queue fails.
func (f *Fair) Run(ctx context.Context) error {
	for {
		resp, err := f.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var r raffle
		if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
			return err
		}
		if len(r.Names) == 0 {
			return fmt.Errorf("raffle %s has no names", r.Raffle)
		}
		rng := rand.New(rand.NewChaCha8(sha256.Sum256([]byte(*m.MessageID))))
		if err := f.announce(ctx, r, rng); err != nil {
			return fmt.Errorf("raffle %s: %w", r.Raffle, err)
		}
		if _, err := f.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func (f *Fair) announce(ctx context.Context, r raffle, rng *rand.Rand) error {
	ticket, winner := r.draw(rng)
	raw, err := json.Marshal(map[string]string{"PartitionKey": r.Raffle, "RowKey": ticket, "Winner": winner})
	if err != nil {
		return err
	}
	_, err = f.Winners.AddEntity(ctx, raw, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
		return nil
	}
	return err
}

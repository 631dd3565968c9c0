// Package busgauge shows the positions of trams on a board in memory.
//
// Right: ReceiveAndDelete, but nothing that a message causes outlives the process: a crash loses the whole board
// anyhow, and every tram reports again within seconds.
//
// Message: {"tram":"13","stop":"Paradeplatz"}
package busgauge

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Board shows where the trams are.
type Board struct {
	Bus *azservicebus.Client

	mu    sync.RWMutex
	trams map[string]string
}

// At returns the stop where a tram was last seen.
func (b *Board) At(tram string) (stop string, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	stop, ok = b.trams[tram]
	return stop, ok
}

// Follow keeps the board up to date until ctx ends.
func (b *Board) Follow(ctx context.Context, topic, subscription string) error {
	in, err := b.Bus.NewReceiverForSubscription(topic, subscription, &azservicebus.ReceiverOptions{
		ReceiveMode: azservicebus.ReceiveModeReceiveAndDelete,
	})
	if err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	defer in.Close(context.WithoutCancel(ctx))
	for {
		msgs, err := in.ReceiveMessages(ctx, 50, nil)
		if err != nil {
			return fmt.Errorf("positions: %w", err)
		}
		for _, m := range msgs {
			var p struct{ Tram, Stop string }
			if err := json.Unmarshal(m.Body, &p); err != nil {
				log.Printf("position %s: %v", m.MessageID, err)
				continue
			}
			b.set(p.Tram, p.Stop)
		}
	}
}

func (b *Board) set(tram, stop string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.trams == nil {
		b.trams = make(map[string]string)
	}
	b.trams[tram] = stop
}

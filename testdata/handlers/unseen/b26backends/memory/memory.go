// Package memory is the back end for demonstrations.
package memory

import (
	"context"
	"fmt"
	"sync"

	"github.com/idemlint/idemlint/testdata/handlers/unseen/b26backends/intake"
)

// Backend implements intake.Queue and intake.Archive.
type Backend struct {
	mu     sync.Mutex
	items  []*intake.Item
	stored map[string][]byte
}

// New returns a Backend with n applications.
func New(n int) *Backend {
	b := &Backend{stored: map[string][]byte{}}
	for i := range n {
		b.items = append(b.items, &intake.Item{ID: fmt.Sprint(i), Payload: []byte(`{"name":"n","position":"p"}`), Tries: 1})
	}
	return b
}

// Next implements intake.Queue.
func (b *Backend) Next(context.Context) (*intake.Item, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.items) == 0 {
		return nil, nil
	}
	it := b.items[0]
	b.items = b.items[1:]
	return it, nil
}

// Remove has nothing to do: Next removed.
func (b *Backend) Remove(context.Context, *intake.Item) error { return nil }

// Store implements intake.Archive.
func (b *Backend) Store(_ context.Context, name string, payload []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stored[name] = payload
	return nil
}

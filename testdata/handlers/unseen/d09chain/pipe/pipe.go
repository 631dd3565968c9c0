// Package pipe runs the phases of a call in their order. The state of the call travels with the version it was read
// in; a store that the package knows as an interface writes it back under the conditions it is given.
package pipe

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Call is the state of a call.
type Call struct {
	ID    string       `json:"id"`
	Phase int          `json:"phase"`
	Notes []string     `json:"notes"`
	ETag  *azcore.ETag `json:"-"`
}

// Conditions are those of a write.
type Conditions struct{ IfMatch *azcore.ETag }

// ErrChanged is returned by a store whose condition did not hold.
var ErrChanged = errors.New("the call has changed")

// Store keeps calls.
type Store interface {
	Get(ctx context.Context, id string) (*Call, error)
	Put(ctx context.Context, c *Call, cond Conditions) error
}

// Phase changes a call.
type Phase func(ctx context.Context, c *Call) error

// Pipeline is an ordered list of phases.
type Pipeline struct {
	Queue  *azqueue.QueueClient
	Store  Store
	Phases []Phase
}

// Run handles messages, each the id of a call.
func (p *Pipeline) Run(ctx context.Context) error {
	for {
		resp, err := p.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			switch err := p.advance(ctx, *m.MessageText); {
			case errors.Is(err, ErrChanged):
				log.Printf("pipe: %s: another worker has it", *m.MessageText) // it comes back and is looked at again
				continue
			case err != nil:
				log.Printf("pipe: %s: %v", *m.MessageText, err)
				continue
			}
			if _, err := p.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return fmt.Errorf("pipe: %w", err)
			}
		}
	}
}

func (p *Pipeline) advance(ctx context.Context, id string) error {
	c, err := p.Store.Get(ctx, id)
	if err != nil {
		return err
	}
	for c.Phase < len(p.Phases) {
		if err := p.Phases[c.Phase](ctx, c); err != nil {
			return err
		}
		c.Phase++
		if err := p.Store.Put(ctx, c, Conditions{IfMatch: c.ETag}); err != nil {
			return err
		}
	}
	return nil
}

// Package catalog projects article events into one document an event.
package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Projector applies events.
type Projector struct {
	Queue *azqueue.QueueClient
	Docs  *azblob.Client
	Log   *slog.Logger
}

// Drain handles what is visible now.
func (p *Projector) Drain(ctx context.Context) error {
	for {
		r, err := p.Queue.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(r.Messages) == 0 {
			return nil
		}
		m := r.Messages[0]
		if err := p.apply(ctx, m); err != nil {
			p.Log.WarnContext(ctx, "event left for another attempt", "id", *m.MessageID, "count", *m.DequeueCount, "error", err)
		}
	}
}

func (p *Projector) apply(ctx context.Context, m *azqueue.DequeuedMessage) error {
	ev, err := parse(*m.MessageText)
	if err != nil {
		return err
	}
	switch e := ev.(type) {
	case Added:
		if err := p.put(ctx, "added", *m.MessageID, e); err != nil {
			return err
		}
		if err := p.ack(ctx, m); err != nil {
			return err
		}
	case Renamed:
		if err := p.put(ctx, "renamed", *m.MessageID, e); err != nil {
			return err
		}
		if err := p.ack(ctx, m); err != nil {
			return err
		}
	case PriceChanged:
		if err := p.put(ctx, "prices", *m.MessageID, e); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unexpected event %T", ev)
	}
	return nil // want `work succeeded.*unsettled.*\(missingdelete\)`
}

func (p *Projector) put(ctx context.Context, container, id string, e Event) error {
	doc, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = p.Docs.UploadBuffer(ctx, container, id+".json", doc, nil)
	return err
}

func (p *Projector) ack(ctx context.Context, m *azqueue.DequeuedMessage) error {
	_, err := p.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

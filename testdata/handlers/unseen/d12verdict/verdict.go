// Package verdict lets a handler decide in one word what becomes of a message. The dispatcher forgets one of the
// words: a photo that was archived stays locked until the lock ends, and comes back.
package verdict

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Verdict is a handler's word.
type Verdict int

// The verdicts.
const (
	Done Verdict = iota
	Archived
	Again
	Never
)

// Handler handles a message.
type Handler interface {
	Handle(ctx context.Context, id string, body []byte) (Verdict, error)
}

// Dispatcher gives messages to a handler.
type Dispatcher struct {
	Receiver *azservicebus.Receiver
	Handler  Handler
}

// Photos returns a dispatcher for photos.
func Photos(rcv *azservicebus.Receiver, hot, cold *container.Client) *Dispatcher {
	return &Dispatcher{Receiver: rcv, Handler: &photos{hot: hot, cold: cold}}
}

// Run dispatches until the receiver fails.
func (d *Dispatcher) Run(ctx context.Context) error {
	for {
		msgs, err := d.Receiver.ReceiveMessages(ctx, 5, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			verdict, err := d.Handler.Handle(ctx, m.MessageID, m.Body)
			if err != nil {
				log.Printf("verdict: %s: %v", m.MessageID, err)
			}
			switch verdict {
			case Done:
				err = d.Receiver.CompleteMessage(ctx, m, nil)
			case Archived:
				log.Printf("verdict: %s archived", m.MessageID)
				continue // want `work succeeded.*unsettled.*\(missingdelete\)`
			case Never:
				err = d.Receiver.DeadLetterMessage(ctx, m, nil)
			default:
				err = d.Receiver.AbandonMessage(ctx, m, nil)
			}
			if err != nil {
				return fmt.Errorf("settle: %w", err)
			}
		}
	}
}

type photos struct{ hot, cold *container.Client }

func (p *photos) Handle(ctx context.Context, id string, body []byte) (Verdict, error) {
	var photo struct {
		Old  bool   `json:"old"`
		Data []byte `json:"data"`
	}
	if err := json.Unmarshal(body, &photo); err != nil {
		return Never, err
	}
	if photo.Old {
		if _, err := p.cold.NewBlockBlobClient(id).UploadBuffer(ctx, photo.Data, nil); err != nil {
			return Again, err
		}
		return Archived, nil
	}
	if _, err := p.hot.NewBlockBlobClient(id).UploadBuffer(ctx, photo.Data, nil); err != nil {
		return Again, err
	}
	return Done, nil
}

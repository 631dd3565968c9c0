// Package imports copies uploads into a container. A delivery carries its own acknowledgement; the message is deleted
// in a defer that looks at the named error.
package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Delivery is a message and what to call when it is done with.
type Delivery struct {
	ID   string
	Body []byte
	Ack  func(context.Context) error
}

// Source gives deliveries.
type Source interface {
	Receive(ctx context.Context) (*Delivery, error)
}

type storageQueue struct{ client *azqueue.QueueClient }

// FromQueue returns the deliveries of a queue.
func FromQueue(client *azqueue.QueueClient) Source { return &storageQueue{client} }

func (s *storageQueue) Receive(ctx context.Context) (*Delivery, error) {
	resp, err := s.client.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return nil, err
	}
	m := resp.Messages[0]
	return &Delivery{
		ID:   *m.MessageID,
		Body: []byte(*m.MessageText),
		Ack: func(ctx context.Context) error {
			_, err := s.client.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
			return err
		},
	}, nil
}

// Importer imports.
type Importer struct {
	Source Source
	Into   *container.Client
}

// Run ends with the context.
func (i *Importer) Run(ctx context.Context) {
	for ctx.Err() == nil {
		d, err := i.Source.Receive(ctx)
		if err != nil {
			log.Printf("imports: receive: %v", err)
		}
		if d == nil {
			time.Sleep(2 * time.Second)
			continue
		}
		if err := i.handle(ctx, d); err != nil {
			log.Printf("imports: %s: %v", d.ID, err)
		}
	}
}

func (i *Importer) handle(ctx context.Context, d *Delivery) (err error) {
	defer func() {
		if err != nil {
			return
		}
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if e := d.Ack(late); e != nil {
			err = fmt.Errorf("ack: %w", e)
		}
	}()
	var upload struct{ Lines []string }
	if err = json.Unmarshal(d.Body, &upload); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if len(upload.Lines) == 0 {
		return nil
	}
	var failed error
	for n, line := range upload.Lines {
		name := fmt.Sprintf("%s/%04d", d.ID, n)
		if _, e := i.Into.NewBlockBlobClient(name).UploadBuffer(ctx, []byte(line), nil); e != nil {
			failed = errors.Join(failed, e)
		}
	}
	return failed
}

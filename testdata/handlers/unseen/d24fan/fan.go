// Package fan sends each message of a batch through a worker of its own; none takes longer than forty seconds, and
// there are as many places as messages.
package fan

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"golang.org/x/sync/errgroup"
)

const width = 16

// Fan is a worker.
type Fan struct {
	queue  *azqueue.QueueClient
	client *http.Client
	index  string
}

// New returns a Fan.
func New(queue *azqueue.QueueClient, index string) *Fan {
	return &Fan{queue: queue, index: index, client: &http.Client{Timeout: 40 * time.Second}}
}

// Run ends with the context.
func (f *Fan) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := f.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(width)), VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(90 * time.Second) // nothing is in hand
			continue
		}
		var g errgroup.Group
		g.SetLimit(width)
		for _, m := range resp.Messages {
			g.Go(func() error {
				if err := f.put(ctx, *m.MessageID, *m.MessageText); err != nil {
					log.Printf("fan: %s: %v", *m.MessageID, err)
					return nil // it comes back by itself
				}
				if _, err := f.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
					return fmt.Errorf("delete %s: %w", *m.MessageID, err)
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (f *Fan) put(ctx context.Context, id, text string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, f.index+"/documents/"+id, strings.NewReader(text))
	if err != nil {
		return err
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("index: %s", resp.Status)
	}
	return nil
}

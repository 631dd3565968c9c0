// Package valves sets valves over a gateway that answers within 20 s.
//
// Right: sixteen messages share a lease of 30 s, but each has a goroutine of its own and its own delete, so that
// the batch lasts as long as its slowest message.
package valves

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Plant is a plant's valves.
type Plant struct {
	orders  *azqueue.QueueClient
	gateway string
	client  http.Client
}

// Open returns a plant.
func Open(orders *azqueue.QueueClient, gateway string) *Plant {
	return &Plant{orders: orders, gateway: gateway, client: http.Client{Timeout: 20 * time.Second}}
}

// Apply sets up to sixteen valves.
func (p *Plant) Apply(ctx context.Context) error {
	resp, err := p.orders.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(16)),
		VisibilityTimeout: to.Ptr(int32(30)),
	})
	if err != nil {
		return err
	}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		errs []error
	)
	for _, order := range resp.Messages {
		wg.Add(1)
		go func(m *azqueue.DequeuedMessage) {
			defer wg.Done()
			if err := p.apply(ctx, m); err != nil {
				mu.Lock()
				errs = append(errs, fmt.Errorf("%s (%d): %w", *m.MessageID, *m.DequeueCount, err))
				mu.Unlock()
			}
		}(order)
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (p *Plant) apply(ctx context.Context, m *azqueue.DequeuedMessage) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, p.gateway+"/orders/"+*m.MessageID, strings.NewReader(*m.MessageText))
	if err != nil {
		return err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	_, err = p.orders.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

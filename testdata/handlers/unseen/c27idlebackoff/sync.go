// Package crmsync puts contacts into a CRM.
//
// Right: the long pauses are before a receive and after a delete, never in between.
package crmsync

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	minIdle  = time.Second
	maxIdle  = 5 * time.Minute
	throttle = 90 * time.Second
)

// CRM is the API.
type CRM interface {
	PutContact(ctx context.Context, id, body string) (remaining int, err error)
}

type restCRM struct {
	base   string
	client *http.Client
}

// NewREST returns the CRM at base.
func NewREST(base string) CRM {
	return &restCRM{base: base, client: &http.Client{Timeout: 20 * time.Second}}
}

// PutContact implements CRM.
func (c *restCRM) PutContact(ctx context.Context, id, body string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, c.base+"/contacts/"+id, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return 0, fmt.Errorf("crm: %s", resp.Status)
	}
	var remaining int
	if _, err := fmt.Sscan(resp.Header.Get("X-RateLimit-Remaining"), &remaining); err != nil {
		return 1, nil
	}
	return remaining, nil
}

// Syncer synchronises.
type Syncer struct {
	queue *azqueue.QueueClient
	crm   CRM
	sleep func(time.Duration)
}

// New returns a Syncer.
func New(queue *azqueue.QueueClient, crm CRM) *Syncer {
	return &Syncer{queue: queue, crm: crm, sleep: time.Sleep}
}

// Run synchronises until the context is done.
func (s *Syncer) Run(ctx context.Context) error {
	idle := minIdle
	for ctx.Err() == nil {
		resp, err := s.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			s.sleep(idle)
			idle = min(2*idle, maxIdle)
			continue
		}
		idle = minIdle
		m := resp.Messages[0]
		remaining, err := s.crm.PutContact(ctx, *m.MessageID, *m.MessageText)
		if err != nil {
			slog.Error("contact", "id", *m.MessageID, "count", *m.DequeueCount, "err", err)
			s.sleep(maxIdle)
			continue
		}
		if _, err := s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("delete", "id", *m.MessageID, "err", err)
		}
		if remaining == 0 {
			s.sleep(throttle)
		}
	}
	return ctx.Err()
}

// Package tides computes tide tables with a service that takes as long as it takes.
//
// Right: the lease of a minute is renewed by package heartbeat, whose context ends the request when a renewal fails.
package tides

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/visibility/heartbeatpkg/heartbeat"
)

const hidden = time.Minute

// Computer computes.
type Computer struct {
	Harbours *azqueue.QueueClient
	Service  string
}

// Compute computes the next harbour's table.
func (c *Computer) Compute(ctx context.Context) error {
	r, err := c.Harbours.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(hidden / time.Second))})
	if err != nil {
		return err
	}
	for _, harbour := range r.Messages {
		if err := c.one(ctx, harbour); err != nil {
			return fmt.Errorf("harbour %s, delivery %d: %w", *harbour.MessageText, *harbour.DequeueCount, err)
		}
	}
	return nil
}

func (c *Computer) one(ctx context.Context, harbour *azqueue.DequeuedMessage) error {
	work, lease := heartbeat.Start(ctx, c.Harbours, harbour, hidden)
	defer lease.Stop()
	req, err := http.NewRequestWithContext(work, http.MethodPut, c.Service+"/tables/"+*harbour.MessageID, strings.NewReader(*harbour.MessageText))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("tide service: %s", resp.Status)
	}
	return lease.Delete(ctx)
}

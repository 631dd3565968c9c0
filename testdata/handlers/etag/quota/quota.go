// Package quota raises the limits of a tenant.
package quota

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type tenant struct {
	ID     string           `json:"id"`
	Plan   string           `json:"plan"`
	Limits map[string]int64 `json:"limits"`
}

type raise struct {
	Tenant   string `json:"tenant"`
	Resource string `json:"resource"`
	Minimum  int64  `json:"minimum"`
}

type server struct {
	tenants *azcosmos.ContainerClient
	queue   *azqueue.QueueClient
}

// Serve raises limits until the queue fails.
func Serve(ctx context.Context, queue *azqueue.QueueClient, tenants *azcosmos.ContainerClient) error {
	s := &server{tenants: tenants, queue: queue}
	for {
		resp, err := s.queue.DequeueMessage(ctx, nil)
		if err != nil {
			return fmt.Errorf("quota: %w", err)
		}
		for _, m := range resp.Messages {
			r, err := parse(*m.MessageText)
			if err != nil {
				log.Printf("quota: %s: %v", *m.MessageID, err)
				continue
			}
			if err := s.raise(ctx, r); err != nil {
				log.Printf("quota: %s: %v", *m.MessageID, err)
				continue
			}
			if _, err := s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Printf("quota: %s: %v", *m.MessageID, err)
			}
		}
	}
}

func parse(text string) (r raise, err error) {
	err = json.Unmarshal([]byte(text), &r)
	return r, err
}

func (s *server) raise(ctx context.Context, r raise) error {
	key := azcosmos.NewPartitionKeyString(r.Tenant)
	item, err := s.tenants.ReadItem(ctx, key, r.Tenant, nil)
	if err != nil {
		return fmt.Errorf("tenant %s: %w", r.Tenant, err)
	}
	var t tenant
	if err := json.Unmarshal(item.Value, &t); err != nil {
		return fmt.Errorf("tenant %s: %w", r.Tenant, err)
	}
	limits := t.Limits
	if limits[r.Resource] < r.Minimum {
		limits[r.Resource] = r.Minimum
	}
	var ops azcosmos.PatchOperations
	ops.AppendSet("/limits", limits)
	_, err = s.tenants.PatchItem(ctx, key, r.Tenant, ops, nil) // want `read-modify-write without a precondition.*\(etag\)`
	return err
}

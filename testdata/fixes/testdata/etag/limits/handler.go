// Package limits sets limits in documents.
package limits

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Set handles one message.
func Set(ctx context.Context, queue *azqueue.QueueClient, tenants *azcosmos.ContainerClient) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	var l struct {
		Tenant, Name string
		Limit        int
	}
	if err := json.Unmarshal([]byte(*msg.MessageText), &l); err != nil {
		return err
	}
	key := azcosmos.NewPartitionKeyString(l.Tenant)
	item, err := tenants.ReadItem(ctx, key, l.Tenant, nil)
	if err != nil {
		return err
	}
	var doc map[string]any
	if err := json.Unmarshal(item.Value, &doc); err != nil {
		return err
	}
	doc[l.Name] = l.Limit
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	// now: etag
	if _, err := tenants.ReplaceItem(ctx, key, l.Tenant, text, nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

// Package accounts opens accounts.
//
// Right: a row that is there already was written by an earlier delivery of this very message (its key is the
// message's id); the conflict is told apart and the message is deleted like after a first success.
package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Clerk opens accounts.
type Clerk struct {
	Requests *azqueue.QueueClient
	Accounts *aztables.Client
}

// Open handles the next request.
func (c *Clerk) Open(ctx context.Context) error {
	resp, err := c.Requests.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, req := range resp.Messages {
		created, err := c.create(ctx, req)
		if err != nil {
			return err
		}
		if !created {
			slog.InfoContext(ctx, "account was opened by an earlier delivery", "request", *req.MessageID, "delivery", *req.DequeueCount)
		}
		if _, err := c.Requests.DeleteMessage(ctx, *req.MessageID, *req.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c *Clerk) create(ctx context.Context, req *azqueue.DequeuedMessage) (bool, error) {
	ent := aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: "account", RowKey: *req.MessageID},
		Properties: map[string]any{"Application": *req.MessageText},
	}
	raw, err := json.Marshal(ent)
	if err != nil {
		return false, err
	}
	_, err = c.Accounts.AddEntity(ctx, raw, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.ErrorCode == string(aztables.EntityAlreadyExists) {
		return false, nil
	}
	return err == nil, err
}

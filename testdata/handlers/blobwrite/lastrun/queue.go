// Package importer imports uploaded files and notes which run was the last.
package importer

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type message struct {
	ID, PopReceipt string
	Body           string
}

type queue struct {
	client *azqueue.QueueClient
	hide   int32
}

func (q queue) receive(ctx context.Context) (m message, ok bool, err error) {
	opts := azqueue.DequeueMessageOptions{VisibilityTimeout: &q.hide}
	resp, err := q.client.DequeueMessage(ctx, &opts)
	if err != nil || len(resp.Messages) == 0 {
		return m, false, err
	}
	raw := resp.Messages[0]
	return message{ID: *raw.MessageID, PopReceipt: *raw.PopReceipt, Body: *raw.MessageText}, true, nil
}

func (q queue) delete(ctx context.Context, m message) error {
	_, err := q.client.DeleteMessage(ctx, m.ID, m.PopReceipt, nil)
	return err
}

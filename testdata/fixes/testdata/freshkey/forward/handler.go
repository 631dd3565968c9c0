// Package forward passes orders on to a topic that drops duplicates by their id, and
// gives each attempt another one.
package forward

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/google/uuid"
)

// Forward handles one message.
func Forward(ctx context.Context, queue *azqueue.QueueClient, topic *azservicebus.Sender) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	order := resp.Messages[0]
	// now: freshkey
	err = topic.SendMessage(ctx, &azservicebus.Message{
		MessageID: to.Ptr(uuid.NewString()),
		Body:      []byte(*order.MessageText),
	}, nil)
	if err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *order.MessageID, *order.PopReceipt, nil)
	return err
}

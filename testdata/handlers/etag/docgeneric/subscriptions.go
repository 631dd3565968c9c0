package docs

import (
	"context"
	"encoding/json"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Subscriptions is what a customer subscribed to.
type Subscriptions struct {
	Customer string          `json:"customer"`
	Topics   map[string]bool `json:"topics"`
}

type subscribed struct {
	Customer string `json:"customer"`
	Topic    string `json:"topic"`
	On       bool   `json:"on"`
}

// Subscribe handles the messages of one batch.
func Subscribe(ctx context.Context, q *azqueue.QueueClient, c *azblob.Client, bucket string) error {
	resp, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4))})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var s subscribed
		if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
			log.Printf("docs: message %s is no subscription: %v", *m.MessageID, err)
			continue
		}
		name := "customers/" + s.Customer + "/subscriptions.json"
		subs, err := Load[Subscriptions](ctx, c, bucket, name)
		if err != nil {
			log.Printf("docs: %v", err)
			continue
		}
		subs.Topics[s.Topic] = s.On
		if err := Save(ctx, c, bucket, name, subs); err != nil {
			log.Printf("docs: %v", err)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

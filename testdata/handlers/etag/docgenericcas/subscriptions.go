package docs

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Subscriptions maps topics to the message that switched them last.
type Subscriptions map[string]Switch

// Switch is the state of a topic.
type Switch struct {
	On  bool  `json:"on"`
	Seq int64 `json:"seq"`
}

type subscribed struct {
	Customer string `json:"customer"`
	Topic    string `json:"topic"`
	Switch
}

// Subscribe handles messages until there is none.
func Subscribe(ctx context.Context, q *azqueue.QueueClient, store Store[Subscriptions]) error {
	for {
		resp, err := q.DequeueMessage(ctx, nil)
		if err != nil || len(resp.Messages) == 0 {
			return err
		}
		m := resp.Messages[0]
		if err := apply(ctx, store, []byte(*m.MessageText)); err != nil {
			log.Printf("message %s: %v", *m.MessageID, err)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
}

func apply(ctx context.Context, store Store[Subscriptions], text []byte) error {
	var s subscribed
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	doc, err := store.Load(ctx, fmt.Sprintf("customers/%s/subscriptions.json", s.Customer))
	if err != nil {
		return err
	}
	if doc.Value == nil {
		doc.Value = Subscriptions{}
	}
	if s.Seq <= doc.Value[s.Topic].Seq {
		return nil // this one or a newer one is in already
	}
	doc.Value[s.Topic] = s.Switch
	return store.Save(ctx, doc)
}

// Package reviews stores product reviews as documents.
//
// Wrong: the document's id is made while it is stored, so Cosmos DB cannot see that
// the review is there: stored, delete lost, delivered again, stored once more.
//
// Message: {"product":"mug","stars":5,"text":"holds water"}
package reviews

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gofrs/uuid/v5"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type base struct {
	ID      string `json:"id"`
	Version int    `json:"v"`
}

type review struct {
	base
	Product string `json:"product"`
	Stars   int    `json:"stars"`
	Text    string `json:"text"`
}

func newBase() (base, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return base{}, err
	}
	return base{ID: id.String(), Version: 1}, nil
}

// Run stores reviews until the queue fails.
func Run(ctx context.Context, queue *azqueue.QueueClient, items *azcosmos.ContainerClient) error {
	for {
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(5)),
			VisibilityTimeout: to.Ptr(int32(300)),
		})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := store(ctx, items, []byte(*m.MessageText)); err != nil {
				return fmt.Errorf("review %s: %w", *m.MessageID, err)
			}
			if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
				return err
			}
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
		}
	}
}

func store(ctx context.Context, items *azcosmos.ContainerClient, text []byte) error {
	var r review
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	var err error
	if r.base, err = newBase(); err != nil {
		return err
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = items.CreateItem(ctx, azcosmos.NewPartitionKeyString(r.Product), raw, nil) // want `\(freshkey\)`
	return err
}

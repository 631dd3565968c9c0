// Package allpermanent opens accounts; errors are sorted into those that pass and those that do not.
//
// Wrong: only a deadline counts as passing. A table that answers 503, or a connection that breaks, is taken for a
// permanent error, logged, and the message deleted: the account is never opened.
//
// Message: {"account":"ac-14","owner":"ada"}
package allpermanent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Branch opens accounts.
type Branch struct {
	Requests *azqueue.QueueClient
	Accounts *aztables.Client
}

func transient(err error) bool {
	return errors.Is(err, context.DeadlineExceeded)
}

// Open opens the next account.
func (b *Branch) Open(ctx context.Context) error {
	r, err := b.Requests.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	if err := b.open(ctx, *m.MessageText); err != nil {
		if transient(err) {
			return fmt.Errorf("request %s is tried again: %w", *m.MessageID, err)
		}
		log.Printf("request %s is refused: %v", *m.MessageID, err)
	}
	_, err = b.Requests.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // miss `\(deleteonerror\)`
	return err
}

func (b *Branch) open(ctx context.Context, text string) error {
	var a struct{ Account, Owner string }
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": a.Owner, "RowKey": a.Account})
	if err != nil {
		return err
	}
	_, err = b.Accounts.UpsertEntity(ctx, row, nil)
	return err
}

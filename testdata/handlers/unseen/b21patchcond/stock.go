// Package patchcond books goods receipts into Cosmos DB.
//
// Right: the patch carries a condition on the revision that was read, and the document remembers the messages.
package patchcond

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type article struct {
	ID       string   `json:"id"`
	OnHand   int      `json:"onHand"`
	Revision int      `json:"revision"`
	Receipts []string `json:"receipts"`
}

type receipt struct {
	Article  string `json:"article"`
	Quantity int    `json:"quantity"`
}

// Stock books.
type Stock struct {
	articles *azcosmos.ContainerClient
	queue    *azqueue.QueueClient
}

// Work ends with the context.
func (s *Stock) Work(ctx context.Context) error {
	wait := time.Second
	for {
		resp, err := s.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(5)),
			VisibilityTimeout: to.Ptr(int32(90)),
		})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := s.receive(ctx, m); err != nil {
				slog.Error("receipt", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
			}
		}
		if len(resp.Messages) > 0 {
			wait = time.Second
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
			wait = min(wait*2, time.Minute)
		}
	}
}

func (s *Stock) receive(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var r receipt
	if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := s.book(ctx, r, *m.MessageID)
		if err == nil {
			break
		}
		var re *azcore.ResponseError
		if !errors.As(err, &re) || re.StatusCode != http.StatusPreconditionFailed || try == 5 {
			return err
		}
	}
	_, err := s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (s *Stock) book(ctx context.Context, r receipt, id string) error {
	pk := azcosmos.NewPartitionKeyString(r.Article)
	item, err := s.articles.ReadItem(ctx, pk, r.Article, nil)
	if err != nil {
		return err
	}
	var a article
	if err := json.Unmarshal(item.Value, &a); err != nil {
		return err
	}
	if slices.Contains(a.Receipts, id) {
		return nil
	}
	var patch azcosmos.PatchOperations
	patch.SetCondition(fmt.Sprintf("FROM c WHERE c.revision = %d", a.Revision))
	patch.AppendSet("/onHand", a.OnHand+r.Quantity)
	patch.AppendSet("/revision", a.Revision+1)
	patch.AppendAdd("/receipts/-", id)
	_, err = s.articles.PatchItem(ctx, pk, r.Article, patch, nil)
	return err
}

// Package worker adds terms to glossaries.
//
// Right: the condition goes through an option function of another package.
package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b22putoptions/docs"
)

// Glossaries adds terms.
type Glossaries struct {
	queue  *azqueue.QueueClient
	bucket *docs.Bucket
}

// New returns Glossaries.
func New(queue *azqueue.QueueClient, blobs *azblob.Client) *Glossaries {
	return &Glossaries{queue: queue, bucket: docs.Open(blobs, "glossaries")}
}

type entry struct {
	Language, Term, Meaning string
}

// Run ends with the context.
func (g *Glossaries) Run(ctx context.Context) error {
	for {
		resp, err := g.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages: to.Ptr(int32(1)),
		})
		if err != nil {
			return fmt.Errorf("glossaries: %w", err)
		}
		for _, m := range resp.Messages {
			g.process(ctx, m)
		}
		if len(resp.Messages) == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
			}
		}
	}
}

func (g *Glossaries) process(ctx context.Context, m *azqueue.DequeuedMessage) {
	log := slog.With("message", *m.MessageID, "delivery", *m.DequeueCount)
	var e entry
	if err := json.Unmarshal([]byte(*m.MessageText), &e); err != nil {
		log.Error("entry", "err", err)
		return
	}
	for try := 1; ; try++ {
		err := g.add(ctx, e)
		if err == nil {
			break
		}
		if !bloberror.HasCode(err, bloberror.ConditionNotMet) || try == 4 {
			log.Error("add", "term", e.Term, "err", err)
			return
		}
	}
	if _, err := g.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		log.Error("delete", "err", err)
	}
}

func (g *Glossaries) add(ctx context.Context, e entry) error {
	key := e.Language + "/glossary.json"
	obj, err := g.bucket.Get(ctx, key)
	if err != nil {
		return err
	}
	terms := map[string]string{}
	if err := json.Unmarshal(obj.Body, &terms); err != nil {
		return err
	}
	terms[e.Term] = e.Meaning
	body, err := json.Marshal(terms)
	if err != nil {
		return err
	}
	return g.bucket.Put(ctx, key, body, docs.ContentType("application/json"), docs.Replacing(obj))
}

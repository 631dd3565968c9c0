// Package search puts documents into the search index with the default client, which has no timeout.
//
// Right: the request carries a context of 90 s, the lease is 120 s. The delete uses the outer context.
package search

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Indexer indexes.
type Indexer struct {
	docs *azqueue.QueueClient
	url  string
}

// Index handles a document.
func (ix *Indexer) Index(ctx context.Context) error {
	got, err := ix.docs.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, doc := range got.Messages {
		if err := ix.put(ctx, *doc.MessageID, *doc.MessageText); err != nil {
			slog.Error("index", "doc", *doc.MessageID, "delivery", *doc.DequeueCount, "err", err)
			continue
		}
		if _, err := ix.docs.DeleteMessage(ctx, *doc.MessageID, *doc.PopReceipt, nil); err != nil {
			slog.Error("delete", "doc", *doc.MessageID, "err", err)
		}
	}
	return nil
}

func (ix *Indexer) put(ctx context.Context, id, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, ix.url+"/docs/"+id, strings.NewReader(text))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return fmt.Errorf("index: %s", resp.Status)
	}
	return nil
}

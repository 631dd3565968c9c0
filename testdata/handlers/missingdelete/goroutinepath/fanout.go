// Package translate stores translated pages, a goroutine for each message of a batch.
package translate

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type page struct {
	Lang  string
	Terms map[string]string
	Text  string
}

// Translator has at most cap(slots) pages in work.
type Translator struct {
	q     *azqueue.QueueClient
	store *azblob.Client
	slots chan struct{}
}

// NewTranslator allows n pages at a time.
func NewTranslator(q *azqueue.QueueClient, store *azblob.Client, n int) *Translator {
	return &Translator{q: q, store: store, slots: make(chan struct{}, n)}
}

// Round handles one batch and waits for its end.
func (t *Translator) Round(ctx context.Context) error {
	r, err := t.q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(cap(t.slots))),
		VisibilityTimeout: to.Ptr(int32(15 * 60)),
	})
	if err != nil {
		return fmt.Errorf("translate: %w", err)
	}
	var wg sync.WaitGroup
	for _, m := range r.Messages {
		wg.Add(1)
		t.slots <- struct{}{}
		go func() {
			defer wg.Done()
			defer func() { <-t.slots }()
			var p page
			if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
				fmt.Fprintln(os.Stderr, "translate: not a page:", err)
				return
			}
			out := []byte(strings.ToValidUTF8(p.Text, "?"))
			if _, err := t.store.UploadBuffer(ctx, "pages-"+p.Lang, *m.MessageID, out, nil); err != nil {
				fmt.Fprintln(os.Stderr, "translate: upload:", err)
				return
			}
			if len(p.Terms) == 0 {
				fmt.Fprintln(os.Stderr, "translate: page without terms:", *m.MessageID)
				return // want `work succeeded.*unsettled.*\(missingdelete\)`
			}
			if _, err := t.q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				fmt.Fprintln(os.Stderr, "translate: delete:", err)
			}
		}()
	}
	wg.Wait()
	return nil
}

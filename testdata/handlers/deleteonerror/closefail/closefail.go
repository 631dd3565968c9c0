// Package closefail takes over documents from a partner's archive.
//
// Right: a Close that fails after the body has been read to its end is logged, no more; everything before it, the
// partner's status included, keeps the message.
//
// Message: {"document":"do-41"}
package closefail

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Taker takes documents over; a document never changes.
type Taker struct {
	Queue     *azqueue.QueueClient
	Documents *container.Client
	HTTP      *http.Client
	Partner   string
}

// Take takes the next document over.
func (t *Taker) Take(ctx context.Context) error {
	r, err := t.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var d struct{ Document string }
	if err := json.Unmarshal([]byte(*m.MessageText), &d); err != nil {
		return fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	data, err := t.fetch(ctx, d.Document)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", d.Document, err)
	}
	if _, err := t.Documents.NewBlockBlobClient(d.Document).UploadBuffer(ctx, data, nil); err != nil {
		return fmt.Errorf("store %s: %w", d.Document, err)
	}
	_, err = t.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (t *Taker) fetch(ctx context.Context, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.Partner+"/documents/"+name, nil)
	if err != nil {
		return nil, err
	}
	resp, err := t.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := resp.Body.Close(); err != nil {
			log.Printf("close %s: %v", name, err)
		}
	}()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("partner: %s", resp.Status)
	}
	return io.ReadAll(resp.Body)
}

// Package receiptmark adds up working hours, and keeps in the same blob a mark of
// every message that it added.
//
// Wrong: the mark is the pop receipt, and every delivery has another one. Added,
// delete lost, delivered again with a new receipt: no mark, added again.
//
// Message: {"person":"p-2","minutes":45}
// Before: blob hours/p-2 contains {"minutes":0}
package receiptmark

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type hours struct {
	Minutes int             `json:"minutes"`
	Applied map[string]bool `json:"applied,omitempty"`
}

// apply adds minutes unless token was added before.
func (h *hours) apply(token string, minutes int) bool {
	if h.Applied[token] {
		return false
	}
	if h.Applied == nil {
		h.Applied = map[string]bool{}
	}
	h.Applied[token] = true
	h.Minutes += minutes
	return true
}

type entry struct {
	Person  string `json:"person"`
	Minutes int    `json:"minutes"`
}

// Run adds hours until the queue fails.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var e entry
		if err := json.Unmarshal([]byte(*m.MessageText), &e); err != nil {
			return err
		}
		if err := add(ctx, blobs, e, *m.PopReceipt); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func add(ctx context.Context, blobs *azblob.Client, e entry, token string) error {
	got, err := blobs.DownloadStream(ctx, "hours", e.Person, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	var h hours
	if err := json.Unmarshal(raw, &h); err != nil {
		return err
	}
	if !h.apply(token, e.Minutes) {
		return nil
	}
	if raw, err = json.Marshal(h); err != nil {
		return err
	}
	_, err = blobs.UploadBuffer(ctx, "hours", e.Person, raw, &azblob.UploadBufferOptions{ // want `\(increment\)`
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	})
	return err
}

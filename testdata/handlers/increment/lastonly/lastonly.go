// Package lastonly sums up donations per campaign and remembers, in the same blob
// and under the same condition, the last donation it added.
//
// Wrong: one place to remember is not enough. Donation 1 is added and its delete
// is lost; donation 2 is added and settled; donation 1 comes back, the blob says
// "last: 2", and 1 is added again.
//
// Message: {"campaign":"well","cents":700}
// Before: blob campaigns/well.json contains {"cents":0,"last":""}
package lastonly

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type donation struct {
	Campaign string `json:"campaign"`
	Cents    int    `json:"cents"`
}

type sum struct {
	Cents int    `json:"cents"`
	Last  string `json:"last"`
}

// Run adds donations until the queue fails.
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
		var d donation
		if err := json.Unmarshal([]byte(*m.MessageText), &d); err != nil {
			return err
		}
		if err := add(ctx, blobs, d, *m.MessageID); err != nil {
			return fmt.Errorf("donation %s: %w", *m.MessageID, err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func add(ctx context.Context, blobs *azblob.Client, d donation, id string) error {
	name := d.Campaign + ".json"
	got, err := blobs.DownloadStream(ctx, "campaigns", name, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	var s sum
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	if s.Last == id {
		return nil
	}
	s.Cents += d.Cents
	s.Last = id
	if raw, err = json.Marshal(s); err != nil {
		return err
	}
	_, err = blobs.UploadBuffer(ctx, "campaigns", name, raw, &azblob.UploadBufferOptions{ // miss `\(increment\)`
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	})
	return err
}

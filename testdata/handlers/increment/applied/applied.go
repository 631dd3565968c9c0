// Package applied adds up donations per campaign.
//
// Right although it reads, adds and writes: the ids of the donations that the sum
// contains stand beside it, are looked at first, and are written in the same
// conditional write. A donation that comes back is found there and only deleted.
//
// Message: {"campaign":"well","cents":700}
// Before: blob campaigns/well.json contains {"cents":0,"applied":[]}
package applied

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type donation struct {
	Campaign string `json:"campaign"`
	Cents    int    `json:"cents"`
}

type sum struct {
	Cents   int      `json:"cents"`
	Applied []string `json:"applied"`
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
	for range 4 {
		got, err := blobs.DownloadStream(ctx, "campaigns", name, nil)
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(got.Body)
		if cerr := got.Body.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
		var s sum
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		if slices.Contains(s.Applied, id) {
			return nil
		}
		s.Cents += d.Cents
		s.Applied = append(s.Applied, id)
		if raw, err = json.Marshal(s); err != nil {
			return err
		}
		_, err = blobs.UploadBuffer(ctx, "campaigns", name, raw, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
		})
		if !bloberror.HasCode(err, bloberror.ConditionNotMet) {
			return err
		}
	}
	return errors.New("too many writers")
}

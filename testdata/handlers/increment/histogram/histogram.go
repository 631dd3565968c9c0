// Package histogram sorts request durations into the buckets of a JSON blob, four
// workers at a time.
//
// Wrong: the workers do not disturb each other, since each write carries the ETag
// of its own read and the message is left on a refusal. The same message a second
// time (crash before its delete) raises its bucket a second time.
//
// Message: {"route":"search","ms":130}
// Before: blob metrics/search contains {}
package histogram

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const workers = 4

type sample struct {
	Route string `json:"route"`
	MS    uint   `json:"ms"`
}

// Run starts the workers and waits for them.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	g, ctx := errgroup.WithContext(ctx)
	for range workers {
		g.Go(func() error { return work(ctx, queue, blobs) })
	}
	return g.Wait()
}

func work(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(45))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(500 * time.Millisecond)
			continue
		}
		m := resp.Messages[0]
		if err := observe(ctx, blobs, []byte(*m.MessageText)); err != nil {
			return fmt.Errorf("sample %s: %w", *m.MessageID, err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func observe(ctx context.Context, blobs *azblob.Client, text []byte) error {
	var s sample
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	got, err := blobs.DownloadStream(ctx, "metrics", s.Route, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	buckets := map[string]int{}
	if err := json.Unmarshal(raw, &buckets); err != nil {
		return err
	}
	buckets["le"+strconv.Itoa(1<<bits.Len(s.MS))]++
	raw, err = json.Marshal(buckets)
	if err != nil {
		return err
	}
	opts := &azblob.UploadBufferOptions{AccessConditions: &blob.AccessConditions{
		ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag},
	}}
	_, err = blobs.UploadBuffer(ctx, "metrics", s.Route, raw, opts) // miss `\(increment\)`
	return err
}

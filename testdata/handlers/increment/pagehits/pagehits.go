// Package pagehits counts the visits of each page in a blob of its own.
//
// Wrong although the write carries the ETag of the very read and starts over on a
// 412: read 41, write 42, the delete is lost, the message comes back, read 42,
// write 43. One visit, counted twice.
//
// Message: {"page":"home"}
// Before: blob stats/hits/home contains 41
package pagehits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type hit struct {
	Page string `json:"page"`
}

// Run counts until ctx ends.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		var h hit
		if err := json.Unmarshal([]byte(*msg.MessageText), &h); err != nil {
			return fmt.Errorf("message %s: %w", *msg.MessageID, err)
		}
		if err := count(ctx, blobs, h.Page); err != nil {
			return err
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	return ctx.Err()
}

func count(ctx context.Context, blobs *azblob.Client, page string) error {
	name := "hits/" + page
	for range 5 {
		n, etag, err := load(ctx, blobs, name)
		if err != nil {
			return err
		}
		cond := &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: etag}}
		_, err = blobs.UploadBuffer(ctx, "stats", name, []byte(strconv.Itoa(n+1)), &azblob.UploadBufferOptions{AccessConditions: cond}) // want `\(increment\)`
		if bloberror.HasCode(err, bloberror.ConditionNotMet) {
			continue
		}
		return err
	}
	return errors.New("too many writers")
}

func load(ctx context.Context, blobs *azblob.Client, name string) (int, *azcore.ETag, error) {
	resp, err := blobs.DownloadStream(ctx, "stats", name, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	return n, resp.ETag, err
}

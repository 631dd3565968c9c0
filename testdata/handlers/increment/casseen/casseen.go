// Package casseen keeps statistics of uploads with a generic compare-and-swap.
//
// Right: the closure looks for the message among those it has seen before it
// counts, and leaves everything as it is if it finds it; what it has seen is part
// of the value that is swapped.
//
// Message: {"tenant":"acme","bytes":2048}
// Before: blob stats/acme.json contains {"uploads":0,"bytes":0}
package casseen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var (
	errBusy      = errors.New("busy")
	errUnchanged = errors.New("unchanged")
)

// swap replaces the JSON value in b by what change makes of it, and leaves it when
// change returns errUnchanged.
func swap[T any](ctx context.Context, b *blockblob.Client, change func(*T) error) error {
	for range 5 {
		got, err := b.DownloadStream(ctx, nil)
		if err != nil {
			return err
		}
		var v T
		err = json.NewDecoder(got.Body).Decode(&v)
		if cerr := got.Body.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
		if err := change(&v); errors.Is(err, errUnchanged) {
			return nil
		} else if err != nil {
			return err
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		same := &blob.ModifiedAccessConditions{IfMatch: got.ETag}
		_, err = b.UploadBuffer(ctx, raw, &blockblob.UploadBufferOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: same}})
		if err == nil {
			return nil
		}
		if !bloberror.HasCode(err, bloberror.ConditionNotMet) {
			return err
		}
	}
	return errBusy
}

type upload struct {
	Tenant string `json:"tenant"`
	Bytes  int64  `json:"bytes"`
}

type stats struct {
	Uploads int             `json:"uploads"`
	Bytes   int64           `json:"bytes"`
	Seen    map[string]bool `json:"seen,omitempty"`
}

func counted(u upload, id string) func(*stats) error {
	return func(s *stats) error {
		if s.Seen[id] {
			return errUnchanged
		}
		if s.Seen == nil {
			s.Seen = map[string]bool{}
		}
		s.Seen[id] = true
		s.Uploads++
		s.Bytes += u.Bytes
		return nil
	}
}

// Run keeps the statistics.
func Run(ctx context.Context, queue *azqueue.QueueClient, files *container.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		var u upload
		if err := json.Unmarshal([]byte(*msg.MessageText), &u); err != nil {
			return fmt.Errorf("message %s: %w", *msg.MessageID, err)
		}
		if err := swap(ctx, files.NewBlockBlobClient(u.Tenant+".json"), counted(u, *msg.MessageID)); err != nil {
			log.Printf("upload of %s not counted yet: %v", u.Tenant, err)
			continue
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

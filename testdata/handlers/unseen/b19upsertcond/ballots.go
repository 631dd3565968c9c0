// Package upsertcond counts ballots per district.
//
// Right: the wildcard stands in If-None-Match, for the first ballot of a district; after that it is the tag of the read.
package upsertcond

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type tally struct {
	Votes   map[string]int  `json:"votes"`
	Counted map[string]bool `json:"counted"` // message ids
}

// Counter counts.
type Counter struct {
	Ballots   *azqueue.QueueClient
	Districts *container.Client
}

var errRace = errors.New("tally was changed meanwhile")

// Run ends with the context.
func (c *Counter) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := c.poll(ctx); err != nil {
				slog.Error("ballots", "err", err)
			}
		}
	}
}

func (c *Counter) poll(ctx context.Context) error {
	resp, err := c.Ballots.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(8))})
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range resp.Messages {
		if err := c.count(ctx, *m.MessageID, []byte(*m.MessageText)); err != nil {
			errs = append(errs, fmt.Errorf("ballot %s, delivery %d: %w", *m.MessageID, *m.DequeueCount, err))
			continue
		}
		if _, err := c.Ballots.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (c *Counter) count(ctx context.Context, id string, text []byte) error {
	var b struct{ District, Choice string }
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	bc := c.Districts.NewBlockBlobClient(b.District)
	for range 10 {
		err := c.tryCount(ctx, bc, id, b.Choice)
		if !errors.Is(err, errRace) {
			return err
		}
	}
	return errRace
}

func (c *Counter) tryCount(ctx context.Context, bc *blockblob.Client, id, choice string) error {
	t, etag, err := current(ctx, bc)
	if err != nil {
		return err
	}
	if t.Counted[id] {
		return nil
	}
	t.Votes[choice]++
	t.Counted[id] = true
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = bc.Upload(ctx, streaming.NopCloser(bytes.NewReader(body)), &blockblob.UploadOptions{
		AccessConditions: unchanged(etag),
	})
	if bloberror.HasCode(err, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists) {
		return errRace
	}
	return err
}

// current returns a nil tag if there is no tally yet.
func current(ctx context.Context, bc *blockblob.Client) (*tally, *azcore.ETag, error) {
	t := &tally{Votes: map[string]int{}, Counted: map[string]bool{}}
	rsp, err := bc.DownloadStream(ctx, nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return t, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer rsp.Body.Close()
	text, err := io.ReadAll(rsp.Body)
	if err != nil {
		return nil, nil, err
	}
	return t, rsp.ETag, json.Unmarshal(text, t)
}

func unchanged(etag *azcore.ETag) *blob.AccessConditions {
	var mac blob.ModifiedAccessConditions
	if etag == nil {
		mac.IfNoneMatch = to.Ptr(azcore.ETagAny)
	} else {
		mac.IfMatch = etag
	}
	return &blob.AccessConditions{ModifiedAccessConditions: &mac}
}

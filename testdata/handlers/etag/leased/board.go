// Package board keeps the score of a match in a blob.
//
// Right although no ETag is in sight: the blob is leased before it is read, and
// the upload names the lease, so the service refuses it once the lease is gone.
// A report that is not newer than the board changes nothing.
package board

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const leaseSeconds = 30

type score struct {
	Match  string         `json:"match"`
	Minute int            `json:"minute"`
	Goals  map[string]int `json:"goals"`
}

// Keeper handles score reports.
type Keeper struct {
	Reports *azqueue.QueueClient
	Matches *container.Client
}

// Keep handles at most one report.
func (k *Keeper) Keep(ctx context.Context) error {
	r, err := k.Reports.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	for _, m := range r.Messages {
		var s score
		if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
			return fmt.Errorf("report %s: %w", *m.MessageID, err)
		}
		if err := k.enter(ctx, s); err != nil {
			return fmt.Errorf("report %s: %w", *m.MessageID, err)
		}
		if _, err := k.Reports.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("report %s: delete: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (k *Keeper) enter(ctx context.Context, s score) error {
	bb := k.Matches.NewBlockBlobClient(s.Match)
	guard, err := lease.NewBlobClient(bb, nil)
	if err != nil {
		return err
	}
	held, err := guard.AcquireLease(ctx, leaseSeconds, nil)
	if err != nil {
		return fmt.Errorf("lease: %w", err)
	}
	defer func() {
		if _, err := guard.ReleaseLease(context.WithoutCancel(ctx), nil); err != nil {
			log.Printf("lease of %s runs out by itself: %v", s.Match, err)
		}
	}()

	resp, err := bb.DownloadStream(ctx, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var board score
	if err := json.NewDecoder(resp.Body).Decode(&board); err != nil {
		return err
	}
	if s.Minute <= board.Minute {
		return nil
	}
	board.Minute = s.Minute
	for team, goals := range s.Goals {
		board.Goals[team] = goals
	}
	raw, err := json.Marshal(board)
	if err != nil {
		return err
	}
	_, err = bb.Upload(ctx, streaming.NopCloser(bytes.NewReader(raw)), &blockblob.UploadOptions{
		AccessConditions: &blob.AccessConditions{
			LeaseAccessConditions: &blob.LeaseAccessConditions{LeaseID: held.LeaseID},
		},
	})
	return err
}

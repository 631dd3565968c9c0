// Package inorder adds bookings to a ledger in the order that their numbers give.
//
// Right although the total is relative: the blob holds the number of the last
// booking added. A number not above it was added before; a number beyond the next
// waits in the queue for its turn; only the very next one is added, and the number
// moves in the same conditional write.
//
// Message: {"ledger":"l-1","seq":1,"cents":250}
// Before: blob ledgers/l-1 contains {"seq":0,"cents":0}
package inorder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var errEarly = errors.New("an earlier booking is missing")

type booking struct {
	Ledger string `json:"ledger"`
	Seq    int    `json:"seq"`
	Cents  int    `json:"cents"`
}

type ledger struct {
	Seq   int `json:"seq"`
	Cents int `json:"cents"`
}

// Run books until ctx ends.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := book(ctx, blobs, []byte(*m.MessageText)); err != nil {
			log.Printf("message %s stays: %v", *m.MessageID, err)
			continue
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	return ctx.Err()
}

func book(ctx context.Context, blobs *azblob.Client, text []byte) error {
	var b booking
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	got, err := blobs.DownloadStream(ctx, "ledgers", b.Ledger, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	var l ledger
	if err := json.Unmarshal(raw, &l); err != nil {
		return err
	}
	switch {
	case b.Seq <= l.Seq:
		return nil
	case b.Seq > l.Seq+1:
		return errEarly
	}
	l.Seq++
	l.Cents += b.Cents
	if raw, err = json.Marshal(l); err != nil {
		return err
	}
	_, err = blobs.UploadBuffer(ctx, "ledgers", b.Ledger, raw, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	})
	return err
}

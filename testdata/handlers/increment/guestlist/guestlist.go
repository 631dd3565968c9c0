// Package guestlist adds a name to a list unless it is there; the list is written either
// way.
package guestlist

import (
	"context"
	"encoding/json"
	"io"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type reply struct {
	Guest string `json:"guest"`
	Party string `json:"party"`
}

type list struct {
	Guests []string `json:"guests"`
}

// Accept takes one reply.
func Accept(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	var r reply
	if err := json.Unmarshal([]byte(*msg.MessageText), &r); err != nil {
		return err
	}
	var guests list
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "parties", r.Party, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &guests); err != nil {
			return err
		}
		etag = got.ETag
	}
	if !slices.Contains(guests.Guests, r.Guest) {
		guests.Guests = append(guests.Guests, r.Guest)
	}
	body, err := json.Marshal(guests)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "parties", r.Party, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

// AcceptByHelpers does the same; reading and writing are somebody else's.
func AcceptByHelpers(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	var r reply
	if err := json.Unmarshal([]byte(*msg.MessageText), &r); err != nil {
		return err
	}
	guests, etag, err := load(ctx, blobs, r.Party)
	if err != nil {
		return err
	}
	if !slices.Contains(guests.Guests, r.Guest) {
		guests.Guests = append(guests.Guests, r.Guest)
	}
	if err := save(ctx, blobs, r.Party, guests, etag); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

// AcceptInside gives the change to whoever reads and writes.
func AcceptInside(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	var r reply
	if err := json.Unmarshal([]byte(*msg.MessageText), &r); err != nil {
		return err
	}
	if err := update(ctx, blobs, r.Party, func(guests *list) bool {
		if !slices.Contains(guests.Guests, r.Guest) {
			guests.Guests = append(guests.Guests, r.Guest)
		}
		return true
	}); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

func update(ctx context.Context, blobs *azblob.Client, name string, change func(*list) bool) error {
	value, version, err := load(ctx, blobs, name)
	if err != nil {
		return err
	}
	if !change(&value) {
		return nil
	}
	return save(ctx, blobs, name, value, version)
}

func load(ctx context.Context, blobs *azblob.Client, name string) (value list, version *azcore.ETag, err error) {
	got, err := blobs.DownloadStream(ctx, "parties", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, version, err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return value, version, err
		}
		if err := json.Unmarshal(raw, &value); err != nil {
			return value, version, err
		}
		version = got.ETag
	}
	return value, version, nil
}

func save(ctx context.Context, blobs *azblob.Client, name string, value list, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	_, err = blobs.UploadBuffer(ctx, "parties", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	})
	return err
}

// Package guestfull adds a name to a list unless the list is full: nothing tells that the
// guest is there.
package guestfull

import (
	"context"
	"encoding/json"
	"io"

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
	guests, etag, err := load(ctx, blobs, r.Party)
	if err != nil {
		return err
	}
	if len(guests.Guests) < 100 {
		guests.Guests = append(guests.Guests, r.Guest)
	}
	if err := save(ctx, blobs, r.Party, guests, etag); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
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
	_, err = blobs.UploadBuffer(ctx, "parties", name, body, &azblob.UploadBufferOptions{ // want `appends to what was read.*\(increment\)`
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	})
	return err
}

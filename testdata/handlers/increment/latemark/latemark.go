// Package latemark adds up the kilometres of a fleet, and keeps a mark of each trip
// in another blob so that a trip that is delivered again is passed over.
//
// Wrong: the mark is not in the write that it stands for. Added, then a crash
// before the mark: the next delivery finds none and adds the trip again.
//
// Message: {"trip":"t-1","truck":"u7","km":120}
// Before: blob fleet/totals/u7 contains {"km":1000}
package latemark

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type trip struct {
	Trip  string `json:"trip"`
	Truck string `json:"truck"`
	KM    int    `json:"km"`
}

// Fleet holds what the worker needs.
type Fleet struct {
	Queue *azqueue.QueueClient
	Blobs *container.Client
}

// Run adds trips until the queue fails.
func (f *Fleet) Run(ctx context.Context) error {
	for {
		resp, err := f.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var t trip
		if err := json.Unmarshal([]byte(*m.MessageText), &t); err != nil {
			return err
		}
		if err := f.once(ctx, "done/"+t.Trip, func() error { return f.add(ctx, t) }); err != nil {
			return fmt.Errorf("trip %s: %w", t.Trip, err)
		}
		if _, err := f.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func (f *Fleet) once(ctx context.Context, mark string, work func() error) error {
	b := f.Blobs.NewBlockBlobClient(mark)
	_, err := b.GetProperties(ctx, nil)
	if err == nil {
		return nil
	}
	if !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err := work(); err != nil {
		return err
	}
	_, err = b.UploadBuffer(ctx, []byte("done"), &blockblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return nil
	}
	return err
}

func (f *Fleet) add(ctx context.Context, t trip) error {
	b := f.Blobs.NewBlockBlobClient("totals/" + t.Truck)
	got, err := b.DownloadStream(ctx, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	var total struct {
		KM int `json:"km"`
	}
	if err := json.NewDecoder(got.Body).Decode(&total); err != nil {
		return err
	}
	total.KM += t.KM
	raw, err := json.Marshal(total)
	if err != nil {
		return err
	}
	_, err = b.UploadBuffer(ctx, raw, &blockblob.UploadBufferOptions{ // want `\(increment\)`
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	})
	return err
}

// Package receipts numbers receipts. The number is drawn at random, so the receipt is created only; an attempt that
// finds one there reads it back and goes on with the number of the first attempt.
package receipts

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Receipt is kept as a blob.
type Receipt struct {
	Number string    `json:"number"`
	Order  string    `json:"order"`
	Due    time.Time `json:"due"`
}

// Desk writes receipts.
type Desk struct {
	Orders   *azqueue.QueueClient
	Receipts *container.Client
	Printed  *container.Client
}

// Run ends at the first failure of the queue.
func (d *Desk) Run(ctx context.Context) error {
	for {
		resp, err := d.Orders.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(5 * time.Second):
			}
			continue
		}
		m := resp.Messages[0]
		if err := d.write(ctx, *m.MessageID, *m.MessageText); err != nil {
			log.Printf("receipts: %s, delivery %d: %v", *m.MessageID, *m.DequeueCount, err)
			continue
		}
		if _, err := d.Orders.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("receipts: delete: %w", err)
		}
	}
}

func (d *Desk) write(ctx context.Context, id, order string) error {
	r := &Receipt{Number: rand.Text(), Order: order, Due: time.Now().AddDate(0, 0, 30)}
	r, err := d.keep(ctx, id, r)
	if err != nil {
		return err
	}
	page := fmt.Sprintf("<h1>Receipt %s</h1><p>%s</p><p>due %s</p>", r.Number, r.Order, r.Due.Format(time.DateOnly))
	_, err = d.Printed.NewBlockBlobClient(id+".html").UploadBuffer(ctx, []byte(page), &blockblob.UploadBufferOptions{AccessConditions: absent()})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return nil
	}
	return err
}

func absent() *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}}
}

// keep returns the receipt that is in the container, be it this one or an earlier one.
func (d *Desk) keep(ctx context.Context, id string, r *Receipt) (*Receipt, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	b := d.Receipts.NewBlockBlobClient(id + ".json")
	_, err = b.UploadBuffer(ctx, raw, &blockblob.UploadBufferOptions{AccessConditions: absent()})
	if err == nil {
		return r, nil
	}
	if !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return nil, err
	}
	got, err := b.DownloadStream(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	if raw, err = io.ReadAll(got.Body); err != nil {
		return nil, err
	}
	first := new(Receipt)
	return first, json.Unmarshal(raw, first)
}

// Package voucher issues a voucher with a random code for each purchase.
//
// Right although code and time are fresh: the voucher is named by its purchase and
// created only where there is none. The first attempt decides; the code of a second
// one goes nowhere.
//
// Message: {"purchase":"p-1","cents":5000}
package voucher

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type purchase struct {
	Purchase string `json:"purchase"`
	Cents    int    `json:"cents"`
}

type voucher struct {
	ID     string    `json:"id"`
	Cents  int       `json:"cents"`
	Issued time.Time `json:"issued"`
}

func newVoucher(p purchase) voucher {
	return voucher{ID: uuid.NewString(), Cents: p.Cents, Issued: time.Now().UTC()}
}

// Issuer issues vouchers.
type Issuer struct {
	Purchases *azqueue.QueueClient
	Vouchers  *container.Client
}

// Run issues until ctx ends.
func (i *Issuer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := i.Purchases.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var p purchase
		if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
			return err
		}
		if err := i.issue(ctx, p); err != nil {
			return fmt.Errorf("purchase %s: %w", p.Purchase, err)
		}
		if _, err := i.Purchases.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (i *Issuer) issue(ctx context.Context, p purchase) error {
	raw, err := json.Marshal(newVoucher(p))
	if err != nil {
		return err
	}
	absent := &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}}
	_, err = i.Vouchers.NewBlockBlobClient(p.Purchase+".json").UploadBuffer(ctx, raw, &blockblob.UploadBufferOptions{AccessConditions: absent})
	if err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return err
	}
	return nil
}

// Package capture takes money that was put on hold before off the account.
//
// Right although the balance goes down relative to the balance read: the hold is
// removed in the same conditional write, and without a hold nothing is taken. A
// capture that comes back finds no hold.
//
// Message: {"account":"a-1","hold":"h-9"}
// Before: blob accounts/a-1 contains {"cents":1000,"holds":{"h-9":300}}
package capture

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type account struct {
	Cents int            `json:"cents"`
	Holds map[string]int `json:"holds"`
}

func (a *account) capture(hold string) bool {
	cents, ok := a.Holds[hold]
	if !ok {
		return false
	}
	delete(a.Holds, hold)
	a.Cents -= cents
	return true
}

// Bank captures holds.
type Bank struct {
	Queue *azqueue.QueueClient
	Blobs *azblob.Client
}

// Run captures until something fails.
func (b *Bank) Run(ctx context.Context) error {
	for {
		resp, err := b.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var c struct{ Account, Hold string }
		if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
			return err
		}
		for again := true; again; {
			if again, err = b.capture(ctx, c.Account, c.Hold); err != nil {
				return fmt.Errorf("capture %s: %w", c.Hold, err)
			}
		}
		if _, err := b.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

// capture says again when another writer was faster.
func (b *Bank) capture(ctx context.Context, name, hold string) (again bool, err error) {
	got, err := b.Blobs.DownloadStream(ctx, "accounts", name, nil)
	if err != nil {
		return false, err
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return false, err
	}
	var a account
	if err := json.Unmarshal(raw, &a); err != nil {
		return false, err
	}
	if !a.capture(hold) {
		return false, nil
	}
	if raw, err = json.Marshal(a); err != nil {
		return false, err
	}
	_, err = b.Blobs.UploadBuffer(ctx, "accounts", name, raw, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	})
	if bloberror.HasCode(err, bloberror.ConditionNotMet) {
		return true, nil
	}
	return false, err
}

// Package planning keeps shift plans as JSON blobs.
//
// Right: Modify runs its function again on a fresh copy until the upload under
// the copy's own ETag is accepted.
package planning

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// ErrBusy says that a plan was changed by others all the time.
var ErrBusy = errors.New("planning: plan is busy")

// Plan says who works when.
type Plan struct {
	Shifts map[string]string `json:"shifts"`
}

// Book is a container of plans.
type Book struct{ Container *container.Client }

// Modify applies change to the plan of the given name.
func (b *Book) Modify(ctx context.Context, name string, change func(*Plan)) error {
	client := b.Container.NewBlockBlobClient(name)
	for range 6 {
		plan, etag, err := get(ctx, client)
		if err != nil {
			return err
		}
		change(plan)
		body, err := json.Marshal(plan)
		if err != nil {
			return err
		}
		_, err = client.UploadStream(ctx, bytes.NewReader(body), ifMatch(etag))
		switch {
		case err == nil:
			return nil
		case bloberror.HasCode(err, bloberror.ConditionNotMet):
		default:
			return err
		}
	}
	return ErrBusy
}

func get(ctx context.Context, client *blockblob.Client) (*Plan, *azcore.ETag, error) {
	resp, err := client.DownloadStream(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, nil, err
	}
	plan := new(Plan)
	if err := json.Unmarshal(body, plan); err != nil {
		return nil, nil, err
	}
	return plan, resp.ETag, nil
}

func ifMatch(etag *azcore.ETag) *blockblob.UploadStreamOptions {
	o := blockblob.UploadStreamOptions{BlockSize: 1 << 20}
	o.AccessConditions = &blob.AccessConditions{}
	o.AccessConditions.ModifiedAccessConditions = &blob.ModifiedAccessConditions{IfMatch: etag}
	return &o
}

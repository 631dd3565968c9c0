package contract

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

type signed struct {
	Number  string `json:"number"`
	PDF     []byte `json:"pdf"`
	Parties []struct {
		Name string `json:"name"`
		Role string `json:"role"`
	} `json:"parties"`
}

// Filer puts contracts where they stay for ever.
type Filer struct {
	cabinet *container.Client
}

// NewFiler returns a Filer.
func NewFiler(c *container.Client) *Filer { return &Filer{cabinet: c} }

// File files a contract.
func (f *Filer) File(ctx context.Context, id string, body []byte) error {
	var s signed
	if err := json.Unmarshal(body, &s); err != nil {
		return permanent("Unreadable", err)
	}
	if s.Number == "" || len(s.PDF) == 0 {
		return permanent("Incomplete", errors.New("number or document missing in "+id))
	}
	_, err := f.cabinet.NewBlockBlobClient(s.Number+".pdf").UploadBuffer(ctx, s.PDF, &blockblob.UploadBufferOptions{
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("application/pdf")},
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)},
		},
	})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return errStored
	}
	return err
}

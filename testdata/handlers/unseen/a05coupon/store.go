package coupon

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

var errExists = errors.New("exists already")

type putOption func(*azblob.UploadBufferOptions)

func createOnly() putOption {
	return func(o *azblob.UploadBufferOptions) {
		o.AccessConditions = &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)},
		}
	}
}

func contentType(t string) putOption {
	return func(o *azblob.UploadBufferOptions) {
		o.HTTPHeaders = &blob.HTTPHeaders{BlobContentType: &t}
	}
}

type bucket struct {
	client    *azblob.Client
	container string
}

func (b bucket) put(ctx context.Context, key string, data []byte, opts ...putOption) error {
	var o azblob.UploadBufferOptions
	for _, opt := range opts {
		opt(&o)
	}
	_, err := b.client.UploadBuffer(ctx, b.container, key, data, &o)
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet) {
		return errExists
	}
	return err
}

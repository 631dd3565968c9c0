package idem

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
)

// Blob is a block blob as a cell. The container must exist. The client may retry: a
// conflict with its own write is told from others' by what stands in the document.
//
// Conditions: If-Match of the read's ETag, If-None-Match: * for the first write; see
// https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations.
func Blob(client *blockblob.Client) Cell { return blobCell{client} }

type blobCell struct{ client *blockblob.Client }

func (c blobCell) Read(ctx context.Context) ([]byte, azcore.ETag, error) {
	answer, err := c.client.DownloadStream(ctx, nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	document, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return nil, "", err
	}
	if answer.ETag == nil {
		return nil, "", errNoVersion
	}
	return document, *answer.ETag, nil
}

func (c blobCell) Write(ctx context.Context, document []byte, version azcore.ETag) (azcore.ETag, error) {
	condition := &blob.ModifiedAccessConditions{IfMatch: &version}
	if version == "" {
		condition = &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}
	}
	answer, err := c.client.Upload(ctx, streaming.NopCloser(bytes.NewReader(document)), &blockblob.UploadOptions{
		HTTPHeaders:      &blob.HTTPHeaders{BlobContentType: to.Ptr("application/json")},
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: condition},
	})
	// 409 BlobAlreadyExists answers a create-only write, 412 a stale one; a blob that was
	// deleted meanwhile is 412 at Azure, and 404 elsewhere.
	if bloberror.HasCode(err, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists, bloberror.BlobNotFound) {
		return "", ErrConflict
	}
	if err != nil {
		return "", err
	}
	if answer.ETag == nil {
		return "", errNoVersion
	}
	return *answer.ETag, nil
}

var errNoVersion = errors.New("idem: the service's answer has no ETag")

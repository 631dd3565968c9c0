// Package manifest keeps the manifest of a release train up to date.
package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type manifest struct {
	Train    string            `json:"train"`
	Packages map[string]string `json:"packages"`
}

type built struct {
	Train, Package, Version string
}

// Listen handles "package built" messages.
func Listen(ctx context.Context, q *azqueue.QueueClient, trains *container.Client) error {
	for {
		r, err := q.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		for _, m := range r.Messages {
			var b built
			if err := json.Unmarshal([]byte(*m.MessageText), &b); err != nil {
				log.Printf("%s: %v", *m.MessageID, err)
				continue
			}
			if err := record(ctx, trains.NewBlockBlobClient("trains/"+b.Train+".json"), b); err != nil {
				log.Printf("%s: %v", *m.MessageID, err)
				continue
			}
			if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Printf("%s: delete: %v", *m.MessageID, err)
			}
		}
	}
}

func record(ctx context.Context, bb *blockblob.Client, b built) error {
	mf, err := download(ctx, bb)
	if err != nil {
		return err
	}
	// Too late: whoever wrote between the download and this call is overwritten.
	etag, err := currentETag(ctx, bb)
	if err != nil {
		return err
	}
	mf.Packages[b.Package] = b.Version
	raw, err := json.MarshalIndent(mf, "", "  ")
	if err != nil {
		return err
	}
	_, err = bb.Upload(ctx, streaming.NopCloser(bytes.NewReader(raw)), &blockblob.UploadOptions{ // want `version read after the content.*\(etag\)`
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: etag}},
	})
	return err
}

func download(ctx context.Context, bb *blockblob.Client) (*manifest, error) {
	resp, err := bb.DownloadStream(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("download: %w", err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("download: %w", err)
	}
	var mf manifest
	if err := json.Unmarshal(raw, &mf); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return &mf, nil
}

func currentETag(ctx context.Context, bb *blockblob.Client) (*azcore.ETag, error) {
	props, err := bb.GetProperties(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("properties: %w", err)
	}
	return props.ETag, nil
}

// Package docs keeps JSON documents in blobs, generically.
package docs

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Load reads the document of the given name.
func Load[T any](ctx context.Context, c *azblob.Client, bucket, name string) (T, error) {
	var doc T
	resp, err := c.DownloadStream(ctx, bucket, name, nil)
	if err != nil {
		return doc, fmt.Errorf("load %s: %w", name, err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil {
		return doc, fmt.Errorf("decode %s: %w", name, err)
	}
	return doc, nil
}

// Save writes the document of the given name.
func Save[T any](ctx context.Context, c *azblob.Client, bucket, name string, doc T) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	if _, err := c.UploadBuffer(ctx, bucket, name, raw, nil); err != nil { // want `read-modify-write without a precondition.*\(etag\)`
		return fmt.Errorf("save %s: %w", name, err)
	}
	return nil
}

// Package publish uploads release manifests in blocks.
package publish

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

const blockSize = 1 << 20

// StableManifest is what devices ask for.
const StableManifest = "stable/manifest.bin"

// Stable makes a manifest the stable one.
func Stable(ctx context.Context, releases *container.Client, manifest []byte) error {
	bb := releases.NewBlockBlobClient(StableManifest)
	var ids []string
	for i := 0; len(manifest) > 0; i++ {
		n := min(len(manifest), blockSize)
		id := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%06d", i))
		if _, err := bb.StageBlock(ctx, id, streaming.NopCloser(bytes.NewReader(manifest[:n])), nil); err != nil {
			return fmt.Errorf("stage block %d: %w", i, err)
		}
		ids = append(ids, id)
		manifest = manifest[n:]
	}
	if _, err := bb.CommitBlockList(ctx, ids, nil); err != nil {
		return fmt.Errorf("commit %d blocks: %w", len(ids), err)
	}
	return nil
}

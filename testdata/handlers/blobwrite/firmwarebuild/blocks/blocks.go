// Package blocks uploads large values in blocks.
//
// Right: the caller gives the name.
package blocks

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
)

// Put uploads data in blocks of the given size and commits them.
func Put(ctx context.Context, to *blockblob.Client, data []byte, size int) error {
	ids := make([]string, 0, len(data)/size+1)
	for off := 0; off < len(data); off += size {
		id := base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf("block-%08d", off/size)))
		block := data[off:min(off+size, len(data))]
		if _, err := to.StageBlock(ctx, id, streaming.NopCloser(bytes.NewReader(block)), nil); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	_, err := to.CommitBlockList(ctx, ids, nil)
	return err
}

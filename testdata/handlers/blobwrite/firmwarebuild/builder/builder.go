// Package builder stores firmware images.
//
// Right although the write two packages below is unconditional: an image is
// stored under the digest of its bytes, which the message brings.
package builder

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/firmwarebuild/blocks"
)

// Builder stores images.
type Builder struct {
	Account *service.Client
	Images  *azqueue.QueueClient
}

// Step stores at most one image.
func (b *Builder) Step(ctx context.Context) error {
	resp, err := b.Images.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(180))})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		image, err := base64.StdEncoding.DecodeString(*m.MessageText)
		if err != nil {
			return fmt.Errorf("image %s: %w", *m.MessageID, err)
		}
		sum := sha256.Sum256(image)
		name := hex.EncodeToString(sum[:]) + ".img"
		target := b.Account.NewContainerClient("images").NewBlockBlobClient(name)
		if err := blocks.Put(ctx, target, image, 64<<10); err != nil {
			return fmt.Errorf("image %s: %w", *m.MessageID, err)
		}
		log.Printf("image %s stored as %s", *m.MessageID, name)
		if _, err := b.Images.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("image %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

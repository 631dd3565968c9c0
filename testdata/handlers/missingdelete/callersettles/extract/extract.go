// Package extract takes the text out of queued letters. It knows nothing of queues.
package extract

import (
	"context"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Extractor writes texts.
type Extractor struct {
	Texts *container.Client
}

// Handle returns nil where nothing is left to do.
func (e *Extractor) Handle(ctx context.Context, id, letter string) error {
	letter = strings.TrimSpace(letter)
	if letter == "" {
		return nil
	}
	if strings.HasPrefix(letter, "DRAFT") {
		return e.put(ctx, "drafts/"+id, letter)
	}
	return e.put(ctx, "letters/"+id, letter)
}

func (e *Extractor) put(ctx context.Context, name, text string) error {
	if _, err := e.Texts.NewBlockBlobClient(name).UploadBuffer(ctx, []byte(text), nil); err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

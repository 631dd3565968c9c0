// Package worker promotes firmware releases.
package worker

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/firmware/publish"
)

// Promoter promotes one release at a time.
type Promoter struct {
	Promotions *azqueue.QueueClient
	Releases   *container.Client
}

// Promote handles at most one promotion; it reports whether there was one.
func (p *Promoter) Promote(ctx context.Context) (bool, error) {
	resp, err := p.Promotions.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(180))})
	if err != nil {
		return false, err
	}
	if len(resp.Messages) == 0 {
		return false, nil
	}
	m := resp.Messages[0]
	manifest, err := base64.StdEncoding.DecodeString(*m.MessageText)
	if err != nil {
		return true, fmt.Errorf("promotion %s: %w", *m.MessageID, err)
	}
	if err := publish.Stable(ctx, p.Releases, manifest); err != nil { // want `key that several messages share.*\(blobwrite\)`
		return true, fmt.Errorf("promotion %s: %w", *m.MessageID, err)
	}
	if _, err := p.Promotions.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		slog.Warn("promotion will repeat", "id", *m.MessageID, "err", err)
		return true, err
	}
	return true, nil
}

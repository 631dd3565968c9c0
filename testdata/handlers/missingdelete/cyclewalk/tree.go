// Package sitemap stores queued site maps section by section; sections nest, so that two methods call each other.
package sitemap

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type section struct {
	Name     string
	Links    []string
	Sections []section
}

// Builder stores sections under the message's id.
type Builder struct {
	maps *container.Client
}

// Build handles the next site map.
func Build(ctx context.Context, requests *azqueue.QueueClient, maps *container.Client) error {
	res, err := requests.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{VisibilityTimeout: to.Ptr(int32(600))})
	if err != nil {
		return err
	}
	b := &Builder{maps: maps}
	for _, req := range res.Messages {
		var root section
		if err := json.Unmarshal([]byte(*req.MessageText), &root); err != nil {
			return fmt.Errorf("request %s: %w", *req.MessageID, err)
		}
		if err := b.section(ctx, *req.MessageID, root); err != nil {
			return fmt.Errorf("request %s: %w", *req.MessageID, err)
		}
		if len(root.Sections) == 0 {
			continue // want `work succeeded.*unsettled.*\(missingdelete\)`
		}
		if _, err := requests.DeleteMessage(ctx, *req.MessageID, *req.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete %s: %w", *req.MessageID, err)
		}
	}
	return nil
}

func (b *Builder) section(ctx context.Context, path string, s section) error {
	path += "/" + s.Name
	page := strings.Join(s.Links, "\n")
	if _, err := b.maps.NewBlockBlobClient(path+".txt").UploadBuffer(ctx, []byte(page), nil); err != nil {
		return err
	}
	return b.children(ctx, path, s.Sections)
}

func (b *Builder) children(ctx context.Context, path string, list []section) error {
	for _, child := range list {
		if err := b.section(ctx, path, child); err != nil {
			return err
		}
	}
	return nil
}

// Package sitemap writes one page for each node of the tree in a message.
//
// Right although two functions that call each other overwrite blob after blob:
// every page is named by the path of its node, below the site and the edition
// that the message brings.
package sitemap

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"path"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type node struct {
	Slug     string `json:"slug"`
	Text     string `json:"text"`
	Children []node `json:"children"`
}

type edition struct {
	Site   string `json:"site"`
	Number int    `json:"number"`
	Root   node   `json:"root"`
}

// Press prints editions.
type Press struct {
	Editions *azqueue.QueueClient
	Pages    *azblob.Client
}

func (p *Press) page(ctx context.Context, dir string, n node) error {
	name := path.Join(dir, n.Slug)
	if _, err := p.Pages.UploadBuffer(ctx, "pages", name+"/index.txt", []byte(n.Text), nil); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	return p.pages(ctx, name, n.Children)
}

func (p *Press) pages(ctx context.Context, dir string, nodes []node) error {
	for _, n := range nodes {
		if err := p.page(ctx, dir, n); err != nil {
			return err
		}
	}
	return nil
}

// Print prints at most one edition.
func (p *Press) Print(ctx context.Context) error {
	resp, err := p.Editions.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var e edition
		if err := json.Unmarshal([]byte(*m.MessageText), &e); err != nil {
			log.Printf("sitemap: %s: %v", *m.MessageID, err)
			continue
		}
		if err := p.page(ctx, fmt.Sprintf("%s/%d", e.Site, e.Number), e.Root); err != nil {
			log.Printf("sitemap: %s: %v", *m.MessageID, err)
			continue
		}
		if _, err := p.Editions.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			log.Printf("sitemap: %s: %v", *m.MessageID, err)
		}
	}
	return nil
}

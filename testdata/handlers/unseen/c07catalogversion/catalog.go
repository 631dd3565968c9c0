// Package catalog maintains a JSON catalogue per shop.
//
// Wrong: the version comes from a HEAD made after the content was read; what was written between the two is lost.
package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Article is a line of the catalogue.
type Article struct {
	Shop  string `json:"shop"`
	SKU   string `json:"sku"`
	Title string `json:"title"`
}

// Repository holds catalogues.
type Repository struct {
	shops *container.Client
}

func (r *Repository) load(ctx context.Context, shop string) (map[string]Article, error) {
	resp, err := r.blob(shop).DownloadStream(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	all := map[string]Article{}
	return all, json.NewDecoder(resp.Body).Decode(&all)
}

func (r *Repository) version(ctx context.Context, shop string) (*azcore.ETag, error) {
	props, err := r.blob(shop).GetProperties(ctx, nil)
	if err != nil {
		return nil, err
	}
	return props.ETag, nil
}

func (r *Repository) save(ctx context.Context, shop string, all map[string]Article, version *azcore.ETag) error {
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	conditions := &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}}
	_, err = r.blob(shop).Upload(ctx, streaming.NopCloser(bytes.NewReader(raw)), &blockblob.UploadOptions{AccessConditions: conditions}) // want `version read after the content.*\(etag\)`
	return err
}

func (r *Repository) blob(shop string) *blockblob.Client {
	return r.shops.NewBlockBlobClient(shop + "/catalog.json")
}

// Importer imports articles.
type Importer struct {
	queue *azqueue.QueueClient
	repo  *Repository
}

// NewImporter returns an Importer.
func NewImporter(queue *azqueue.QueueClient, shops *container.Client) *Importer {
	return &Importer{queue: queue, repo: &Repository{shops: shops}}
}

// Run imports.
func (im *Importer) Run(ctx context.Context) error {
	for {
		resp, err := im.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(45))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := im.importArticle(ctx, *m.MessageText); err != nil {
			slog.Error("article", "message", *m.MessageID, "count", *m.DequeueCount, "err", err)
			continue
		}
		if _, err := im.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("delete", "message", *m.MessageID, "err", err)
		}
	}
}

func (im *Importer) importArticle(ctx context.Context, text string) error {
	var a Article
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return err
	}
	all, err := im.repo.load(ctx, a.Shop)
	if err != nil {
		return fmt.Errorf("load %s: %w", a.Shop, err)
	}
	all[a.SKU] = a
	version, err := im.repo.version(ctx, a.Shop)
	if err != nil {
		return fmt.Errorf("version of %s: %w", a.Shop, err)
	}
	return im.repo.save(ctx, a.Shop, all, version)
}

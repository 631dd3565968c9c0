// Package digest renders the digest of a day from the articles there are when
// it runs. An attempt that repeats later renders another digest over the one
// that was already sent around.
package digest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var page = template.Must(template.New("digest").Parse(`<h1>{{.Day}}</h1>{{range .Articles}}<p>{{.Title}}</p>{{end}}`))

type article struct {
	aztables.Entity
	Title string
}

// Renderer renders digests.
type Renderer struct {
	Articles *aztables.Client
	Blobs    *service.Client
	Orders   *azqueue.QueueClient
}

// RenderBatch handles up to four orders.
func (r *Renderer) RenderBatch(ctx context.Context) error {
	batch, err := r.Orders.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(4)),
		VisibilityTimeout: to.Ptr(int32(240)),
	})
	if err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	for _, m := range batch.Messages {
		day := *m.MessageText
		if err := r.render(ctx, day); err != nil {
			log.Printf("digest of %s: %v", day, err)
			continue
		}
		if _, err := r.Orders.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("digest: delete: %w", err)
		}
	}
	return nil
}

func (r *Renderer) render(ctx context.Context, day string) error {
	articles, err := r.list(ctx, day)
	if err != nil {
		return err
	}
	var html bytes.Buffer
	err = page.Execute(&html, struct {
		Day      string
		Articles []article
	}{day, articles})
	if err != nil {
		return err
	}
	target := r.Blobs.NewContainerClient("digests").NewBlockBlobClient(day + ".html")
	_, err = target.Upload(ctx, streaming.NopCloser(bytes.NewReader(html.Bytes())), nil) // want `content that differs from attempt to attempt.*\(blobwrite\)`
	return err
}

func (r *Renderer) list(ctx context.Context, day string) ([]article, error) {
	var out []article
	pager := r.Articles.NewListEntitiesPager(&aztables.ListEntitiesOptions{
		Filter: to.Ptr("PartitionKey eq '" + day + "'"),
	})
	for pager.More() {
		p, err := pager.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, raw := range p.Entities {
			var a article
			if err := json.Unmarshal(raw, &a); err != nil {
				return nil, err
			}
			out = append(out, a)
		}
	}
	return out, nil
}

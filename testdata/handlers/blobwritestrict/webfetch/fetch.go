// Package webfetch keeps a copy of the page that a message names: whatever the
// page is when the attempt runs.
package webfetch

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Fetcher copies pages.
type Fetcher struct {
	urls  *azqueue.QueueClient
	pages *azblob.Client
	web   *http.Client
}

// New returns a Fetcher.
func New(urls *azqueue.QueueClient, pages *azblob.Client) *Fetcher {
	return &Fetcher{urls: urls, pages: pages, web: &http.Client{Timeout: 15 * time.Second}}
}

// Work copies pages until the queue fails.
func (f *Fetcher) Work(ctx context.Context) error {
	for {
		resp, err := f.urls.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := f.keep(ctx, *m.MessageText); err != nil {
				log.Printf("%s: %v", *m.MessageText, err)
				continue
			}
			if _, err := f.urls.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Printf("%s: delete: %v", *m.MessageText, err)
			}
		}
	}
}

func (f *Fetcher) keep(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := f.web.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", resp.Status)
	}
	page, err := io.ReadAll(io.LimitReader(resp.Body, 10<<20))
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%x.html", sha256.Sum256([]byte(url)))
	_, err = f.pages.UploadBuffer(ctx, "pages", name, page, nil) // want `strict.*\(blobwrite\)`
	return err
}

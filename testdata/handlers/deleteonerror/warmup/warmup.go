// Package warmup publishes articles and has the cache fetch them, so that the first reader need not wait.
//
// Right: the article's upload is what matters, and its error keeps the message; the error of the warm-up is dropped
// on purpose, since a cold cache fetches the article by itself.
//
// Message: {"article":"art-5","text":"news"}
package warmup

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Press publishes.
type Press struct {
	Queue    *azqueue.QueueClient
	Articles *container.Client
	HTTP     *http.Client
	Cache    string
}

// Publish publishes the next article.
func (p *Press) Publish(ctx context.Context) error {
	r, err := p.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var a struct{ Article, Text string }
	if err := json.Unmarshal([]byte(*m.MessageText), &a); err != nil {
		return fmt.Errorf("article %s: %w", *m.MessageID, err)
	}
	if _, err := p.Articles.NewBlockBlobClient(a.Article).UploadBuffer(ctx, []byte(a.Text), nil); err != nil {
		return fmt.Errorf("article %s: %w", a.Article, err)
	}
	_ = p.warm(ctx, a.Article) // a cold cache is only slower
	_, err = p.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (p *Press) warm(ctx context.Context, article string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Cache+"/articles/"+article, nil)
	if err != nil {
		return err
	}
	resp, err := p.HTTP.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

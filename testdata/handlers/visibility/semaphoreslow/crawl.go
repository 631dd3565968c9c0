// Package crawl registers sites with a search index, a goroutine for each; even one alone takes longer than the lease.
package crawl

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const parallel = 8

// Crawler registers.
type Crawler struct {
	q     *azqueue.QueueClient
	index string
	http  *http.Client
	sem   chan struct{}
	fail  func(site string, err error)
}

// NewCrawler tells fail what went wrong.
func NewCrawler(q *azqueue.QueueClient, index string, fail func(string, error)) *Crawler {
	return &Crawler{q: q, index: index, http: &http.Client{Timeout: 2 * time.Minute}, sem: make(chan struct{}, parallel), fail: fail}
}

// Round registers up to eight sites at once.
func (c *Crawler) Round(ctx context.Context) error {
	r, err := c.q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(parallel)), VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for _, m := range r.Messages {
		c.sem <- struct{}{}
		wg.Go(func() {
			defer func() { <-c.sem }()
			if err := c.register(ctx, *m.MessageID, *m.MessageText); err != nil {
				c.fail(*m.MessageText, err)
				return
			}
			if _, err := c.q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				c.fail(*m.MessageText, err)
			}
		})
	}
	wg.Wait()
	return nil
}

func (c *Crawler) register(ctx context.Context, id, site string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, c.index+"/sites/"+id, strings.NewReader(site))
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		return errors.New(resp.Status)
	}
	return nil
}

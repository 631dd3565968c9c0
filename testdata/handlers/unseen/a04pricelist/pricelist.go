// Package pricelist publishes the price list of a tenant whenever one of its prices has changed.
package pricelist

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log"
	"sort"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"golang.org/x/sync/errgroup"
)

// Config has defaults for what is zero.
type Config struct {
	Container string
	Workers   int
	Idle      time.Duration
}

func (c *Config) defaults() {
	if c.Container == "" {
		c.Container = "pricelists"
	}
	if c.Workers == 0 {
		c.Workers = 4
	}
	if c.Idle == 0 {
		c.Idle = 3 * time.Second
	}
}

// Publisher publishes price lists.
type Publisher struct {
	cfg     Config
	changes *azqueue.QueueClient
	prices  *aztables.Client
	lists   *azblob.Client
}

// New returns a Publisher.
func New(cfg Config, changes *azqueue.QueueClient, prices *aztables.Client, lists *azblob.Client) *Publisher {
	cfg.defaults()
	return &Publisher{cfg: cfg, changes: changes, prices: prices, lists: lists}
}

// Run starts the workers, each of which polls on its own.
func (p *Publisher) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for i := range p.cfg.Workers {
		g.Go(func() error { return p.poll(ctx, i) })
	}
	return g.Wait()
}

type change struct {
	Tenant string `json:"tenant"`
	SKU    string `json:"sku"`
}

func (p *Publisher) poll(ctx context.Context, worker int) error {
	for {
		r, err := p.changes.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return fmt.Errorf("worker %d: %w", worker, err)
		}
		if len(r.Messages) == 0 {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(p.cfg.Idle):
				continue
			}
		}
		m := r.Messages[0]
		var c change
		if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
			log.Printf("pricelist: worker %d: message %s: %v", worker, *m.MessageID, err)
			continue
		}
		if err := p.publish(ctx, c.Tenant); err != nil {
			log.Printf("pricelist: worker %d: tenant %s: %v", worker, c.Tenant, err)
			continue
		}
		if _, err := p.changes.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			log.Printf("pricelist: worker %d: delete: %v", worker, err)
		}
	}
}

type line struct {
	SKU   string  `json:"RowKey"`
	Name  string  `json:"Name"`
	Price float64 `json:"Price"`
}

func (p *Publisher) lines(ctx context.Context, tenant string) ([]line, error) {
	pager := p.prices.NewListEntitiesPager(&aztables.ListEntitiesOptions{
		Filter: to.Ptr(fmt.Sprintf("PartitionKey eq '%s'", tenant)),
		Select: to.Ptr("RowKey,Name,Price"),
	})
	var all []line
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, raw := range page.Entities {
			var l line
			if err := json.Unmarshal(raw, &l); err != nil {
				return nil, err
			}
			all = append(all, l)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].SKU < all[j].SKU })
	return all, nil
}

func (p *Publisher) publish(ctx context.Context, tenant string) error {
	all, err := p.lines(ctx, tenant)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	if err := w.Write([]string{"sku", "name", "price"}); err != nil {
		return err
	}
	for _, l := range all {
		if err := w.Write([]string{l.SKU, l.Name, strconv.FormatFloat(l.Price, 'f', 2, 64)}); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	_, err = p.lists.UploadStream(ctx, p.cfg.Container, tenant+"/prices.csv", &buf, &azblob.UploadStreamOptions{ // want `content that differs from attempt to attempt.*\(blobwrite\)`
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("text/csv")},
	})
	return err
}

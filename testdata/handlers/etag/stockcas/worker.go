// Package warehouse books stocktaking results into the article table.
//
// Right although the options are assembled far from the call: their IfMatch is
// filled with the ETag that came with the content, via a struct and a helper.
package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type stocktaking struct {
	Site    string         `json:"site"`
	Article string         `json:"article"`
	Shelves map[string]int `json:"shelves"`
}

type article struct {
	aztables.Entity
	Shelves string
}

// versioned keeps an article beside the version it was read at.
type versioned struct {
	article article
	version azcore.ETag
}

// Booker books one stocktaking result at a time.
type Booker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
	lease int32
}

// NewBooker returns a Booker that hides each message for 45 seconds.
func NewBooker(queue *azqueue.QueueClient, table *aztables.Client) *Booker {
	return &Booker{queue: queue, table: table, lease: 45}
}

// Next handles one message; it reports whether there was one.
func (b *Booker) Next(ctx context.Context) (bool, error) {
	res, err := b.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: &b.lease})
	if err != nil || len(res.Messages) == 0 {
		return false, err
	}
	m := res.Messages[0]
	var s stocktaking
	if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
		return true, err
	}
	if err := b.bookWithRetry(ctx, s); err != nil {
		return true, err
	}
	_, err = b.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return true, err
}

func (b *Booker) bookWithRetry(ctx context.Context, s stocktaking) error {
	var re *azcore.ResponseError
	for try := 1; ; try++ {
		v, err := b.load(ctx, s.Site, s.Article)
		if err != nil {
			return err
		}
		if err := v.article.count(s.Shelves); err != nil {
			return err
		}
		err = b.store(ctx, v)
		if err == nil || try == 4 || !errors.As(err, &re) || re.StatusCode != http.StatusPreconditionFailed {
			return err
		}
		time.Sleep(time.Duration(try) * 20 * time.Millisecond)
	}
}

func (b *Booker) load(ctx context.Context, site, name string) (*versioned, error) {
	found, err := b.table.GetEntity(ctx, site, name, nil)
	if err != nil {
		return nil, fmt.Errorf("load %s/%s: %w", site, name, err)
	}
	v := &versioned{version: found.ETag}
	return v, json.Unmarshal(found.Value, &v.article)
}

func (b *Booker) store(ctx context.Context, v *versioned) error {
	entity, err := json.Marshal(v.article)
	if err != nil {
		return err
	}
	var opts aztables.UpdateEntityOptions
	opts.UpdateMode = aztables.UpdateModeMerge
	opts.IfMatch = &v.version
	_, err = b.table.UpdateEntity(ctx, entity, &opts)
	return err
}

func (a *article) count(found map[string]int) error {
	shelves := make(map[string]int)
	if err := json.Unmarshal([]byte(a.Shelves), &shelves); err != nil {
		return err
	}
	for shelf, pieces := range found {
		shelves[shelf] = pieces
	}
	text, err := json.Marshal(shelves)
	a.Shelves = string(text)
	return err
}

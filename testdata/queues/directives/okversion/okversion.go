// Package okversion changes a document under the version that it read, and notes in it
// which message did so.
package okversion

import (
	"context"
	"slices"
)

// Change is a received message.
//
//idemlint:message identity=ID
type Change struct {
	ID      string
	Article string
	Delta   int
}

// Changes is the queue.
type Changes interface {
	//idemlint:receive lease=2m
	Receive(ctx context.Context) (*Change, error)
	//idemlint:settle
	Complete(ctx context.Context, c *Change) error
}

// Stock is a document.
type Stock struct {
	Count   int
	Applied []string
}

// Stocks keeps documents with versions.
type Stocks interface {
	//idemlint:read key=1 version=ret1
	Load(ctx context.Context, article string) (Stock, int64, error)
	//idemlint:write key=1 value=2 if-match=3
	Save(ctx context.Context, article string, s Stock, version int64) error
}

// Step applies one change.
func Step(ctx context.Context, q Changes, stocks Stocks) error {
	c, err := q.Receive(ctx)
	if err != nil {
		return err
	}
	s, version, err := stocks.Load(ctx, c.Article)
	if err != nil {
		return err
	}
	if !slices.Contains(s.Applied, c.ID) {
		s.Count += c.Delta
		s.Applied = append(s.Applied, c.ID)
		if err := stocks.Save(ctx, c.Article, s, version); err != nil {
			return err
		}
	}
	return q.Complete(ctx, c)
}

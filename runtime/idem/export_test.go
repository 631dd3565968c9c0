package idem

import (
	"context"
	"time"
)

// Fill makes a cell of Update in which ids have been applied just now.
func Fill[T any](ctx context.Context, cell Cell, ids []string) error {
	doc := document[T]{Applied: map[string]int64{}}
	for _, id := range ids {
		doc.Applied[id] = time.Now().UnixMilli()
	}
	_, err := writeJSON(ctx, cell, &doc, "")
	return err
}

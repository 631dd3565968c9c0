// Package geoindex publishes the outline of the region that a message brings:
// the tree is walked by two functions that call each other, and each leaf found
// becomes the one live outline, whichever region it belongs to.
package geoindex

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type node struct {
	Kind     string       `json:"kind"`
	Points   [][2]float64 `json:"points"`
	Children []node       `json:"children"`
}

type indexer struct {
	maps *azblob.Client
	log  *slog.Logger
}

func (ix *indexer) visit(ctx context.Context, n node, depth int) error {
	if depth > 32 {
		return fmt.Errorf("region is nested deeper than %d", depth)
	}
	if len(n.Children) > 0 {
		return ix.descend(ctx, n.Children, depth+1)
	}
	outline, err := json.Marshal(n.Points)
	if err != nil {
		return err
	}
	_, err = ix.maps.UploadBuffer(ctx, "maps", "live/outline.json", outline, nil) // want `key that several messages share.*\(blobwrite\)`
	return err
}

func (ix *indexer) descend(ctx context.Context, children []node, depth int) error {
	for _, c := range children {
		if err := ix.visit(ctx, c, depth); err != nil {
			return fmt.Errorf("%s: %w", c.Kind, err)
		}
	}
	return nil
}

// Serve handles regions until the queue fails.
func Serve(ctx context.Context, regions *azqueue.QueueClient, maps *azblob.Client, log *slog.Logger) error {
	ix := &indexer{maps: maps, log: log}
	for {
		r, err := regions.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		for _, m := range r.Messages {
			var root node
			if err := json.Unmarshal([]byte(*m.MessageText), &root); err != nil {
				ix.log.Error("not a region", "message", *m.MessageID, "err", err)
				continue
			}
			if err := ix.visit(ctx, root, 0); err != nil {
				ix.log.Error("region not indexed", "message", *m.MessageID, "err", err)
				continue
			}
			if _, err := regions.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				ix.log.Error("region not deleted", "message", *m.MessageID, "err", err)
			}
		}
	}
}

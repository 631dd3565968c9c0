// Package stock keeps counts in a JSON object and writes them back without a condition.
package stock

import (
	"context"
	"encoding/json"
	"io"
	"log"

	"cloud.google.com/go/pubsub"
	"cloud.google.com/go/storage"
)

type levels struct {
	Warehouse string          `json:"warehouse"`
	Flags     map[string]bool `json:"flags"`
}

type Keeper struct {
	bucket *storage.BucketHandle
}

func (k *Keeper) Handle(ctx context.Context, m *pubsub.Message) {
	if err := k.flag(ctx, m.Attributes["warehouse"], m.Attributes["sku"]); err != nil {
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}

func (k *Keeper) flag(ctx context.Context, warehouse, sku string) error {
	obj := k.bucket.Object("levels/" + warehouse + ".json")
	r, err := obj.NewReader(ctx)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	r.Close()
	if err != nil {
		return err
	}
	var l levels
	if err := json.Unmarshal(raw, &l); err != nil {
		return err
	}
	l.Flags[sku] = true
	w := obj.NewWriter(ctx)
	if err := json.NewEncoder(w).Encode(l); err != nil {
		return err
	}
	return w.Close() // want `read-modify-write without a precondition.*\(etag\)`
}

// Package stockcas writes the counts back only where the generation is the one it read:
// right, the second of two fails and its message comes again.
package stockcas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	l := levels{Warehouse: warehouse, Flags: map[string]bool{}}
	cond := storage.Conditions{DoesNotExist: true}
	r, err := obj.NewReader(ctx)
	switch {
	case err == nil:
		defer r.Close()
		if err := json.NewDecoder(r).Decode(&l); err != nil {
			return fmt.Errorf("%s: %w", obj.ObjectName(), err)
		}
		cond = storage.Conditions{GenerationMatch: r.Attrs.Generation}
	case !errors.Is(err, storage.ErrObjectNotExist):
		return err
	}
	l.Flags[sku] = true
	w := obj.If(cond).NewWriter(ctx)
	if err := json.NewEncoder(w).Encode(l); err != nil {
		return err
	}
	return w.Close()
}

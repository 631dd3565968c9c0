// Package tally keeps a set of the members in a blob and writes back what it read.
package tally

import (
	"context"
	"encoding/json"
	"log"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
	"gocloud.dev/pubsub"
)

type Store interface {
	Get(ctx context.Context, group string) (map[string]bool, error)
	Put(ctx context.Context, group string, members map[string]bool) error
}

type blobs struct{ b *blob.Bucket }

func New(b *blob.Bucket) Store { return blobs{b} }

func (s blobs) Get(ctx context.Context, group string) (map[string]bool, error) {
	raw, err := s.b.ReadAll(ctx, "groups/"+group)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return map[string]bool{}, nil
	}
	if err != nil {
		return nil, err
	}
	var members map[string]bool
	return members, json.Unmarshal(raw, &members)
}

func (s blobs) Put(ctx context.Context, group string, members map[string]bool) error {
	raw, err := json.Marshal(members)
	if err != nil {
		return err
	}
	return s.b.WriteAll(ctx, "groups/"+group, raw, nil) // want `read-modify-write without a precondition.*\(etag\)`
}

// Serve adds members until the subscription is shut down.
func Serve(ctx context.Context, sub *pubsub.Subscription, store Store) error {
	for {
		m, err := sub.Receive(ctx)
		if err != nil {
			return err
		}
		if err := join(ctx, store, m.Metadata["group"], string(m.Body)); err != nil {
			log.Print(err)
			m.Nack()
			continue
		}
		m.Ack()
	}
}

func join(ctx context.Context, store Store, group, member string) error {
	members, err := store.Get(ctx, group)
	if err != nil {
		return err
	}
	if members[member] {
		return nil
	}
	members[member] = true
	return store.Put(ctx, group, members)
}

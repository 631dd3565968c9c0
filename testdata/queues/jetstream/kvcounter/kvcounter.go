// Package kvcounter counts visits in a key-value bucket: Put asks for no revision.
package kvcounter

import (
	"context"
	"errors"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"
)

type Visits struct {
	kv jetstream.KeyValue
}

func Open(ctx context.Context, js jetstream.JetStream) (*Visits, error) {
	kv, err := js.KeyValue(ctx, "visits")
	if err != nil {
		return nil, err
	}
	return &Visits{kv}, nil
}

func (v *Visits) Handle(ctx context.Context, msg jetstream.Msg) error {
	page := string(msg.Data())
	n := 0
	switch entry, err := v.kv.Get(ctx, page); {
	case errors.Is(err, jetstream.ErrKeyNotFound):
	case err != nil:
		return msg.Nak()
	default:
		if n, err = strconv.Atoi(string(entry.Value())); err != nil {
			return msg.Term()
		}
	}
	if _, err := v.kv.Put(ctx, page, []byte(strconv.Itoa(n+1))); err != nil { // want `read-modify-write without a precondition.*\(etag\)`
		return msg.Nak()
	}
	return msg.Ack()
}

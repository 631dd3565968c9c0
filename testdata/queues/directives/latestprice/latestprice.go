// Package latestprice keeps the last price of the one share that it follows. Functions,
// not methods: the package holds the connection.
package latestprice

import (
	"context"
	"encoding/gob"
	"net"
)

var feed, store struct {
	conn net.Conn
	enc  *gob.Encoder
	dec  *gob.Decoder
}

type tick struct {
	Seq   uint64
	Price float64
}

//idemlint:receive lease=30s
func nextTick(ctx context.Context) (t tick, err error) {
	err = feed.dec.Decode(&t)
	return t, err
}

//idemlint:settle cumulative
func acknowledge(ctx context.Context, upTo uint64) error { return feed.enc.Encode(upTo) }

//idemlint:write
func save(ctx context.Context, name string, price float64) error {
	return store.enc.Encode(struct {
		Name  string
		Price float64
	}{name, price})
}

// Follow stores prices as they come.
func Follow(ctx context.Context) error {
	for {
		t, err := nextTick(ctx)
		if err != nil {
			return err
		}
		if err := save(ctx, "price/ACME", t.Price); err != nil { // want `key that several messages share: an old message, delivered again late, overwrites with latestprice save.*\(blobwrite\)`
			return err
		}
		if err := acknowledge(ctx, t.Seq); err != nil {
			return err
		}
	}
}

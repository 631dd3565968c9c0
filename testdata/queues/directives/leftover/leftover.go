// Package leftover stores readings. An empty reading is worked on (it is counted as a
// gap) and then forgotten: no way leads from there to the settle.
package leftover

import (
	"context"
	"database/sql"
	"encoding/json"
)

// Envelope is a received message.
type Envelope struct {
	Seq  int64
	Body []byte
}

// Inbox is a queue in a database; its statements are made elsewhere.
type Inbox struct {
	db    *sql.DB
	texts map[string]string
}

//idemlint:receive
func (b *Inbox) Poll(ctx context.Context) (e Envelope, ok bool, err error) {
	err = b.db.QueryRowContext(ctx, b.texts["poll"]).Scan(&e.Seq, &e.Body)
	return e, err == nil, err
}

//idemlint:settle message=1
func (b *Inbox) Delete(ctx context.Context, seq int64) error {
	_, err := b.db.ExecContext(ctx, b.texts["delete"], seq)
	return err
}

//idemlint:nack
func (b *Inbox) Release(ctx context.Context, seq int64) error {
	_, err := b.db.ExecContext(ctx, b.texts["release"], seq)
	return err
}

type reading struct {
	Sensor string
	Hour   string
	Value  *float64
}

// Readings is where they go.
type Readings interface {
	//idemlint:write key=1,2 value=3
	Store(ctx context.Context, sensor, hour string, value float64) error
	//idemlint:write key=1,2
	Gap(ctx context.Context, sensor, hour string) error
}

// Drain works on what is there.
func Drain(ctx context.Context, in *Inbox, out Readings) error {
	for {
		e, ok, err := in.Poll(ctx)
		if err != nil || !ok {
			return err
		}
		var r reading
		if err := json.Unmarshal(e.Body, &r); err != nil {
			if err := in.Release(ctx, e.Seq); err != nil {
				return err
			}
			continue
		}
		if r.Value == nil {
			if err := out.Gap(ctx, r.Sensor, r.Hour); err != nil {
				return err
			}
			continue // want `the work succeeded but the message stays unsettled on this way.*\(missingdelete\)`
		}
		if err := out.Store(ctx, r.Sensor, r.Hour, *r.Value); err != nil {
			return err
		}
		if err := in.Delete(ctx, e.Seq); err != nil {
			return err
		}
	}
}

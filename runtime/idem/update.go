package idem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// UpdateOptions bound what is remembered. The zero value is safe for messages with the
// service's default time to live, and at most 8,000 of them for one cell in 8 days.
type UpdateOptions struct {
	// Keep is how long ids are remembered after they were applied: the longest time to
	// live of a message, and the longest that a delivery may take to come to its read.
	// Default: 8 days, the service's default of 7 and a day for the slowest. Negative: for
	// ever, as messages that never expire, or come back out of a poison queue, need it.
	// What is lost when it is too short: see the package documentation.
	Keep time.Duration

	// Max is how many ids are remembered at most. More make Update fail with [ErrFull].
	// Default: 8,000, which with ids of 36 bytes is 0.4 MB that each update reads and
	// writes, and about what an entity can hold (1 MiB in UTF-16). A cell that changes more
	// often than that should be several.
	Max int
}

// ErrFull is Update's error when the cell remembers UpdateOptions.Max ids, none of which
// may be forgotten yet. Nothing was changed: leave the message; it can be applied when
// ids have aged.
var ErrFull = errors.New("idem: too many ids to remember")

// document is what a cell of Update holds. Ids are in the order of their bytes, so that
// the same state has the same text.
type document[T any] struct {
	Value   T                `json:"value"`
	Applied map[string]int64 `json:"applied"` // id → when, in Unix milliseconds
}

// Update changes the value in cell for the message id, exactly once however often it is
// called with this id, and returns the value as it then is: changed now, or earlier and
// perhaps by others since. See the package documentation for the schedules.
//
// change gets the value as it was read (the zero value when there is none) and changes it
// in place; it is called again, on a fresh read, when somebody else was faster, and so
// must do nothing else. Its error ends Update, and nothing is written.
//
// T goes through encoding/json. id must be the same at each delivery of the message:
// Message.ID, or better a name that the sender gave it, which survives a second
// enqueuing.
//
// After an error that is not change's, [ErrFull], [ErrContended] or [ErrForeign], the change
// may have been written: call Update again, in the next delivery.
func Update[T any](ctx context.Context, cell Cell, id string, change func(value *T) error) (T, error) {
	return UpdateWith(ctx, cell, id, change, UpdateOptions{})
}

// UpdateWith is [Update] with other bounds.
func UpdateWith[T any](ctx context.Context, cell Cell, id string, change func(value *T) error, o UpdateOptions) (T, error) {
	if o.Keep == 0 {
		o.Keep = 8 * 24 * time.Hour
	}
	if o.Max == 0 {
		o.Max = 8_000
	}
	var none T
	for try := range tries {
		doc, version, err := read[T](ctx, cell)
		if err != nil {
			return none, err
		}
		if _, done := doc.Applied[id]; done {
			return doc.Value, nil
		}
		if err := change(&doc.Value); err != nil {
			return none, err
		}
		if err := doc.remember(id, o); err != nil {
			return none, err
		}
		_, err = writeJSON(ctx, cell, &doc, version)
		if err == nil {
			return doc.Value, nil
		}
		if !errors.Is(err, ErrConflict) {
			return none, err
		}
		if err := pause(ctx, id, try); err != nil {
			return none, err
		}
	}
	return none, ErrContended
}

// remember adds id, and forgets those whose message cannot come any more.
func (d *document[T]) remember(id string, o UpdateOptions) error {
	now := time.Now()
	if o.Keep > 0 {
		oldest := now.Add(-o.Keep).UnixMilli()
		maps.DeleteFunc(d.Applied, func(_ string, at int64) bool { return at < oldest })
	}
	if len(d.Applied) >= o.Max {
		return fmt.Errorf("%w: %d", ErrFull, len(d.Applied))
	}
	if d.Applied == nil {
		d.Applied = map[string]int64{}
	}
	d.Applied[id] = now.UnixMilli()
	return nil
}

// Load returns the value in a cell of [Update], and whether there is one: for those who
// only look, such as a web role.
func Load[T any](ctx context.Context, cell Cell) (value T, found bool, err error) {
	doc, version, err := read[T](ctx, cell)
	return doc.Value, version != "", err
}

func read[T any](ctx context.Context, cell Cell) (document[T], azcore.ETag, error) {
	var raw document[json.RawMessage]
	version, err := readJSON(ctx, cell, &raw)
	if err != nil || version == "" {
		return document[T]{}, "", err
	}
	doc := document[T]{Applied: raw.Applied}
	if err := json.Unmarshal(raw.Value, &doc.Value); err != nil {
		return document[T]{}, "", fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return doc, version, nil
}

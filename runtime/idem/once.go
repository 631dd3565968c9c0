package idem

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// OnceOptions bound the attempts. The zero value tries for as long as deliveries come.
type OnceOptions struct {
	// Claim is how long an attempt may take; then another may begin. The effect's context
	// ends with it, with [ErrClaimOver] as its cause. Default: 60 s: twice the time that
	// package role gives a request, and half a visibility timeout, so that the claim of a
	// crashed attempt is over when the message comes back.
	Claim time.Duration

	// Attempts is how often the effect may be begun at most. Default: 0, no limit.
	Attempts int
}

var (
	// ErrClaimed is Once's error while another attempt may still work: leave the message.
	// The error is a *ClaimedError, which knows when to come back.
	ErrClaimed = errors.New("idem: claimed by another attempt")

	// ErrExhausted is Once's error when the effect was begun OnceOptions.Attempts times
	// and never marked done: it may have happened up to so many times. It will not be
	// begun again; a person or a poison queue has to take over.
	ErrExhausted = errors.New("idem: no attempts left")

	// ErrClaimOver is why the context of an effect was cancelled.
	ErrClaimOver = errors.New("idem: claim is over")

	// ErrUnmarked is Once's error when the effect has happened but could not be marked:
	// it will be repeated, with the same key.
	ErrUnmarked = errors.New("idem: done, but not marked as done")
)

// ClaimedError says until when another attempt holds the claim. It is an [ErrClaimed].
type ClaimedError struct{ Until time.Time }

func (e *ClaimedError) Error() string { return fmt.Sprintf("%v until %v", ErrClaimed, e.Until) }

// Is makes errors.Is(err, ErrClaimed) true.
func (e *ClaimedError) Is(target error) bool { return target == ErrClaimed }

// RetryAfter is the time until the claim is over. Package worker lets the message come
// back then.
func (e *ClaimedError) RetryAfter() time.Duration { return max(time.Until(e.Until), 0) }

// record is what a cell of Once holds. The record of what is done has nothing but that:
// it is the same after any schedule.
type record struct {
	State    string    `json:"state"`
	Owner    string    `json:"owner,omitempty"`
	Until    time.Time `json:"until,omitzero"`
	Attempts int       `json:"attempts,omitempty"`
}

const (
	claimed = "claimed"
	failed  = "failed" // the effect returned an error: the next may try at once
	done    = "done"
)

// Once performs an effect elsewhere for one message, whose record is in claim, a cell of
// its own. It returns nil when the effect has happened, now or in an earlier attempt.
//
// effect gets key, which should go to the other side as an idempotency key: it must be the
// same at each delivery, and another for each effect of the same message. The effect is
// begun at most once by each call of Once, at most OnceOptions.Attempts times in all, and
// never after it was marked as done. Whether it can happen twice: see the package
// documentation.
//
// Its error is returned, and the claim given up, so that the next delivery may try; an
// effect that returns an error may have happened. A panic leaves the claim to run out.
//
// Other errors: [ErrClaimed], [ErrExhausted], [ErrUnmarked], [ErrContended], [ErrForeign], and
// those of the cell. The records are never deleted; they may be, when the message cannot come any
// more (see UpdateOptions.Keep for how long that is).
func Once(ctx context.Context, claim Cell, key string, effect func(ctx context.Context, key string) error, o OnceOptions) error {
	if o.Claim == 0 {
		o.Claim = 60 * time.Second
	}
	mine, version, err := take(ctx, claim, key, o)
	if err != nil || mine.State == done {
		return err
	}
	within, cancel := context.WithDeadlineCause(ctx, mine.Until, ErrClaimOver)
	defer cancel()
	// A process that was suspended since it claimed notices here, by the wall clock: timers
	// stand still in a suspended machine.
	if !time.Now().Before(mine.Until) {
		return ErrClaimOver
	}
	if err := effect(within, key); err != nil {
		giveUp(ctx, claim, mine, version)
		return err
	}
	return mark(ctx, claim, key, version)
}

// take is steps 1 and 2: it returns the claim it made, or a record that is done.
func take(ctx context.Context, claim Cell, key string, o OnceOptions) (record, azcore.ETag, error) {
	// The name of this attempt tells our own claim from others' when a client that retries
	// runs into its own write.
	owner := rand.Text()
	for try := range tries {
		var r record
		version, err := readJSON(ctx, claim, &r)
		if err != nil {
			return record{}, "", err
		}
		now := time.Now()
		switch {
		case version != "" && r.State != done && r.State != claimed && r.State != failed:
			return record{}, "", fmt.Errorf("%w: state %q", ErrForeign, r.State)
		case r.State == done:
			return r, version, nil
		case r.State == claimed && r.Owner == owner:
			return r, version, nil
		case r.State == claimed && now.Before(r.Until):
			return record{}, "", &ClaimedError{Until: r.Until}
		case o.Attempts > 0 && r.Attempts >= o.Attempts:
			return record{}, "", fmt.Errorf("%w: %d of %d", ErrExhausted, r.Attempts, o.Attempts)
		}
		mine := record{State: claimed, Owner: owner, Until: now.Add(o.Claim).Round(0), Attempts: r.Attempts + 1}
		version, err = writeJSON(ctx, claim, mine, version)
		if err == nil {
			return mine, version, nil
		}
		if !errors.Is(err, ErrConflict) {
			return record{}, "", err
		}
		if err := pause(ctx, key, try); err != nil {
			return record{}, "", err
		}
	}
	return record{}, "", ErrContended
}

// unreadable is how many reads may fail before a mark is given up.
const unreadable = 3

// settleTime bounds what must be written although the work's context may be done.
const settleTime = 30 * time.Second

// giveUp lets the next attempt begin at once. If it fails, the claim runs out.
func giveUp(ctx context.Context, claim Cell, mine record, version azcore.ETag) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	_, _ = writeJSON(ctx, claim, record{State: failed, Attempts: mine.Attempts}, version)
}

// mark is step 4. The effect has happened, whoever holds the claim by now: so the mark is
// set over another's claim as well, which spares that one's message the next attempt.
func mark(ctx context.Context, claim Cell, key string, version azcore.ETag) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	var err error
	unread := 0
	for try := range tries {
		if _, err = writeJSON(ctx, claim, record{State: done}, version); err == nil {
			return nil
		}
		if pause(ctx, key, try) != nil {
			break
		}
		// Over whatever stands there now: another's claim, or our own mark.
		_, now, readErr := claim.Read(ctx)
		if readErr == nil {
			version = now
		} else if unread++; unread == unreadable {
			break
		}
	}
	return fmt.Errorf("%w: %w", ErrUnmarked, err)
}

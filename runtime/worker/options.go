package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Message is what a handler gets.
type Message struct {
	// ID is the queue's name for the message, the same at each delivery. A message that
	// is enqueued twice (by a client that retries, or out of the poison queue) has two: a
	// sender who must not be heard twice puts a name of his own into Body.
	ID string
	// Body is the text of the message as it stands in the queue. azqueue neither encodes
	// nor decodes; other SDKs put Base64 there.
	Body string
	// Inserted and Expires are the queue's clock, to the second. After Expires the
	// message does not come again.
	Inserted, Expires time.Time
	// Deliveries counts the receives, this one included; some of them may never have
	// reached a handler. It is no sign of a first delivery.
	Deliveries int64
}

// Handler works on a message. When it returns nil, the message is deleted; when it
// returns an error or panics, the message comes back. Its context is cancelled, with a
// cause (context.Cause), when the lease is lost ([ErrLeaseLost]) or the grace period of a
// stop is over ([ErrStopped]); a handler that goes on then works beside the next one.
//
// An error with a method RetryAfter() time.Duration says when the message should come
// back, whatever Options.Backoff says, and does not make it poison: the handler has not
// failed, it waits for something. (The delivery is counted all the same.)
type Handler func(ctx context.Context, m Message) error

var (
	// ErrLeaseLost is why a handler's context was cancelled: the message is no longer
	// this worker's, or will not be for certain.
	ErrLeaseLost = errors.New("worker: lease lost")
	// ErrStopped is why a handler's context was cancelled: the grace period is over.
	ErrStopped = errors.New("worker: stopped")
)

// Options of a worker. The zero value is a worker with the defaults and without a poison
// queue.
type Options struct {
	// Visibility is how long a received message stays hidden, and by how much a renewal
	// extends that: whole seconds, from 1 s to 7 days. Default: 120 s. (The service's
	// own default is 30 s.)
	Visibility time.Duration

	// RenewEvery is the time from the beginning of a lease to its first renewal. Default:
	// a third of Visibility, so that one can fail. At most half of it. Negative: leases
	// are not renewed, and the handler is cancelled when nine tenths of it are over.
	RenewEvery time.Duration

	// Batch is how many messages are asked for at once, 1 to 32; never more than there
	// are free handlers, so that none waits while its lease runs. Default: 1.
	Batch int

	// Concurrency is how many messages are worked on at the same time. Default: 1.
	Concurrency int

	// PollMin is the pause after a receive that brought nothing, or failed; it doubles
	// each time up to PollMax. Defaults: 1 s and 30 s. A message that comes meanwhile
	// waits for up to PollMax.
	PollMin, PollMax time.Duration

	// RequestTimeout bounds each request of the loop itself, retries of the client
	// included. Default: 30 s. A receive that is given up may have hidden messages.
	RequestTimeout time.Duration

	// DeleteTries is how often a DELETE is sent until it is answered, with pauses of
	// PollMin, doubling. Default: 3. A refusal is not tried again.
	DeleteTries int

	// Poison is the queue for messages that were delivered MaxDeliveries times in vain.
	// Default: nil, none: they come back until they expire.
	//
	// The body is put there as it is, without an end to its life, and the message is
	// then deleted. A crash or a lost answer between the two leaves it in both, and later
	// twice in the poison queue.
	Poison *azqueue.QueueClient

	// MaxDeliveries is the number of deliveries after which a message is poison: when its
	// handler fails in the last one, or, if no handler lived to fail, when it is received
	// once more. Lost answers to a receive count as well. Default: 5.
	MaxDeliveries int64

	// Backoff is after how long a message whose handler failed is visible again: up to 7
	// days, cut up to whole seconds. Default: nil, it is left to the rest of its lease.
	// [Exponential] makes one.
	Backoff func(deliveries int64) time.Duration

	// Grace is how long handlers may go on when Run's context is cancelled. Default:
	// 30 s.
	Grace time.Duration

	// Log gets failures. Default: slog.Default.
	Log *slog.Logger

	// Observer gets a sample of each step. Default: none.
	Observer Observer
}

// Exponential is a Backoff: first, doubled with each delivery, at most limit.
func Exponential(first, limit time.Duration) func(deliveries int64) time.Duration {
	return func(deliveries int64) time.Duration {
		delay := first
		for range deliveries - 1 {
			if delay >= limit/2 {
				return limit
			}
			delay *= 2
		}
		return min(delay, limit)
	}
}

const maxVisibility = 7 * 24 * time.Hour

func (o Options) withDefaults() (Options, error) {
	if o.Visibility == 0 {
		o.Visibility = 120 * time.Second
	}
	if o.RenewEvery == 0 {
		o.RenewEvery = o.Visibility / 3
	}
	if o.Batch == 0 {
		o.Batch = 1
	}
	if o.Concurrency == 0 {
		o.Concurrency = 1
	}
	if o.PollMin == 0 {
		o.PollMin = time.Second
	}
	if o.PollMax == 0 {
		o.PollMax = max(30*time.Second, o.PollMin)
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = 30 * time.Second
	}
	if o.DeleteTries == 0 {
		o.DeleteTries = 3
	}
	if o.MaxDeliveries == 0 {
		o.MaxDeliveries = 5
	}
	if o.Grace == 0 {
		o.Grace = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	return o, o.check()
}

func (o Options) check() error {
	wrong := func(field string, value any, want string) error {
		return fmt.Errorf("worker: Options.%s is %v, want %s", field, value, want)
	}
	switch {
	case o.Visibility < time.Second || o.Visibility > maxVisibility || o.Visibility%time.Second != 0:
		return wrong("Visibility", o.Visibility, "whole seconds from 1s to 168h")
	case o.RenewEvery > o.Visibility/2:
		return wrong("RenewEvery", o.RenewEvery, "at most half of Visibility")
	case o.Batch < 1 || o.Batch > 32:
		return wrong("Batch", o.Batch, "1 to 32")
	case o.Concurrency < 1:
		return wrong("Concurrency", o.Concurrency, "at least 1")
	case o.PollMin < 0 || o.PollMax < o.PollMin:
		return wrong("PollMax", o.PollMax, "at least PollMin, and that not negative")
	case o.RequestTimeout < 0:
		return wrong("RequestTimeout", o.RequestTimeout, "a positive time")
	case o.DeleteTries < 1:
		return wrong("DeleteTries", o.DeleteTries, "at least 1")
	case o.MaxDeliveries < 1:
		return wrong("MaxDeliveries", o.MaxDeliveries, "at least 1")
	case o.Grace < 0:
		return wrong("Grace", o.Grace, "a positive time")
	}
	return nil
}

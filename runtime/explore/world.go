package explore

import (
	"context"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Handler is one worker process: it receives messages of the world's queue and handles
// them, and does everything outside of itself through in. It may be a loop that returns
// once ctx is done, or receive once, handle and return: then it is called again, a second
// later, while the queue is not empty. Its error is not judged (a worker process logs
// it), but printed where it matters.
type Handler func(ctx context.Context, in *Instance) error

// World is what a handler works in. Only Queue and Messages must be given.
type World struct {
	// Queue is the queue that is worked. It is created.
	Queue string
	// Messages are put on the queue in this order, as they are.
	Messages []string
	// Before sets up what the handler finds: containers, blobs, tables, other queues. Its
	// requests are no operations. It runs anew for each schedule.
	Before func(ctx context.Context, in *Instance) error
	// Poison is the queue for messages that cannot be handled, if there is one. It is
	// created. A message that is there counts as settled; that it is there twice does not count.
	Poison string
	// Outside answers requests to anything but the storage account. It is made anew for each
	// schedule; nil answers 200 with the body {}. It may sleep: see Time in the package comment.
	Outside func() http.Handler

	// Retry is the retry policy of the clients. MaxRetries 0 means none, unlike in the SDK,
	// where it means three. The SDK makes its delays longer and longer, and random: here
	// each one is RetryDelay.
	Retry policy.RetryOptions
	// Timeout is how long a client waits for an answer that was lost, 30 s if zero.
	Timeout time.Duration
	// Busy plays 503 ServerBusy, too, though clients do not try again: for handlers that tell
	// errors apart.
	Busy bool

	// Property judges the final state instead of the comparison with exactly-once
	// executions. Liveness, panics and leaks are judged all the same. It is told of all
	// messages of the world, and need not hold with fewer of them.
	Property func(State) error
	// Once makes it harm if a message is received twice though nothing goes wrong, with one
	// worker or with two: its lease has ended before its work was done. Without it that shows
	// only where it leads to another state, or to none. It is not for handlers that give
	// messages back on purpose.
	Once bool
	// Ignore tells what does not count, by its name in [State.Lines]: "blob stats/total",
	// "row table/partition/row", "message in queue", "POST https://example.com/".
	Ignore func(name string) bool
	// Mask rewrites a value before it is compared, for what differs without harm.
	Mask func(name, value string) string
	// Reader is somebody else, who looks at the start and after each change: of what there is
	// he returns what he reads ("" for what is not there yet). Each different value that he
	// has seen counts beside the final state: where exactly-once executions show him one
	// value, a second one is harm, even if it is as good as the first. So a customer who
	// copies his key finds the handler that writes a new one over it:
	//
	//	Reader: func(s explore.State) []string {
	//		return []string{string(s.Blobs["keys"]["ann"].Content)}
	//	},
	//
	// Nil for nobody: what was overwritten does not count then.
	Reader func(State) []string
	// Headers of outgoing requests that count besides Idempotency-Key.
	Headers []string

	// Limits bound the search.
	Limits Limits
}

// Limits bound a search; zero values mean the defaults.
type Limits struct {
	// Faults is how many faults one schedule has at most: 2 by default, none if negative.
	Faults int
	// Schedules is how many schedules with two and more faults are played at most,
	// 2000 by default. Schedules with no or one fault are all played.
	Schedules int
	// Instances is how many instances live at once, at most: 2 by default.
	Instances int
	// Deliveries of one message after which it counts as never settled: 8 by default, 32 in
	// a world with a poison queue.
	Deliveries int
	// Operations of one schedule after which it counts as endless: 10,000 by default.
	Operations int
	// Horizon is the virtual time after which messages that are still on the queue count
	// as never settled: 24 h by default.
	Horizon time.Duration
	// Watchdog is the real time after which a schedule that does not come to rest is
	// given up as endless: 10 s by default.
	Watchdog time.Duration
	// Seed chooses among schedules that are too many to be all played.
	Seed uint64
}

func (w World) withDefaults() World {
	setDefault(&w.Retry.MaxRetries, -1)
	w.Retry = withoutJitter(w.Retry)
	setDefault(&w.Timeout, 30*time.Second)
	l := &w.Limits
	setDefault(&l.Faults, 2)
	setDefault(&l.Schedules, 2000)
	setDefault(&l.Instances, 2)
	if w.Poison == "" {
		setDefault(&l.Deliveries, 8)
	} else {
		setDefault(&l.Deliveries, 32)
	}
	setDefault(&l.Operations, 10_000)
	setDefault(&l.Horizon, 24*time.Hour)
	setDefault(&l.Watchdog, 10*time.Second)
	return w
}

// withoutJitter makes each retry wait for exactly RetryDelay. The SDK doubles that and
// multiplies it with a random number, but never exceeds MaxRetryDelay.
func withoutJitter(o policy.RetryOptions) policy.RetryOptions {
	if o.RetryDelay < 0 {
		return o
	}
	setDefault(&o.RetryDelay, 800*time.Millisecond) // as the SDK does
	o.RetryDelay, o.MaxRetryDelay = 2*max(o.RetryDelay, time.Second), o.RetryDelay
	return o
}

func setDefault[T int | int32 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

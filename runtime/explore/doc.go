// Package explore plays every schedule of a queue handler, on the real Azure SDK, in
// virtual time: each message of the message loop lost, each request or its answer lost, a
// crash on either side of each request, a freeze past the lease, a second worker in
// between. What each schedule leaves behind is judged against what executions leave that
// handle every message exactly once. A schedule that does harm is printed in the numbered
// steps of the message loop, and can be replayed.
//
// A handler goes into an ordinary Go test:
//
//	func TestCounter(t *testing.T) {
//		world := explore.World{
//			Queue:    "orders",
//			Messages: []string{"1"},
//			Before: func(ctx context.Context, in *explore.Instance) error {
//				_, err := in.Storage().CreateContainer(ctx, "stats", nil)
//				return err
//			},
//		}
//		explore.Run(t, world, func(ctx context.Context, in *explore.Instance) error {
//			return receiveOneAndHandleIt(ctx, in.Queue("orders"), in.Storage())
//		})
//	}
//
// [Run] fails the test when a schedule does harm; [Check] returns the [Result] and leaves
// the judgement to the caller.
//
// # Handlers
//
// A [Handler] is one worker process: a receive loop that runs until its context is
// cancelled, or a function that receives, handles and returns (it is called again as long
// as there is something to do). [Each] puts a minimal correct loop around a function that
// handles one message. [Process] gives each process memory of its own: variables outside
// of the handler would survive a crash, which no variable does.
//
// All that a handler does outside of itself it must do through its [Instance]: the clients
// of the storage account, and [Instance.HTTP] for everything else. Such a request is an
// operation, and operations are what schedules are made of. Requests of one instance are
// numbered from 1.
//
// # Faults
//
// Each fault stands at one operation of one instance (see [Kind]): the request is lost, or
// its answer, or the instance crashes before or after it, or is told to stop before it (its
// context is cancelled, as at each deployment), or is frozen before it for longer than the
// lease, or is held before it while a second instance works on other messages. Where clients
// try again ([World.Retry]), or [World.Busy] asks for it, the service is also busy: it answers
// 503 and does nothing, which is a lost request to all who do not tell errors apart.
// Lost requests and answers of the receive are messages A and B, those of the delete are
// messages C and D.
//
// The search plays the orders of the messages without faults, then two workers at once,
// then every single fault, then pairs of faults as far as [Limits] let it, so that the
// first schedule that does harm is also one of the shortest. Where the pairs are too many,
// a pseudo-random generator with a fixed seed chooses among them. Nothing else is left to
// chance: the same handler gives the same schedules and the same bytes.
//
// # Time
//
// Each schedule runs in a bubble of testing/synctest, from 2000-01-01T00:00:00Z on. An
// operation takes a millisecond. A receive that finds nothing is answered late (after a
// second, then two, then four …) unless something comes in the meantime. A lost request or
// answer costs its client [World.Timeout]. Hence a handler must not wait for anything
// outside of the bubble (network, processes, channels made elsewhere): after
// [Limits.Watchdog] in real time a schedule that does not come to rest is given up and
// reported as endless.
//
// [World.Outside] may sleep: so long its answer takes, for the one who waits for it, and all
// others go on. Then it serves several requests at once, as any http.Handler may have to. It
// must not hold a mutex while it sleeps: no time passes while somebody waits for that.
//
// # Judgement
//
// Without [World.Property] the final state counts: blobs (with their HTTP headers, metadata,
// tags, tier, and the number of their snapshots), table rows, messages in other queues, and
// outgoing requests (of those with one Idempotency-Key only one counts, of PUT and DELETE the
// last one on each URL, and GET and HEAD do not count). It must be one that an exactly-once
// execution reaches: all messages handled one after the other, without faults, in any order
// but for one thing: a message whose work was done (a worker went on to its delete) before
// another one came for the first time is handled before that one. So an old message that
// comes late and overwrites what a newer one has written does harm, though the messages might
// have come in that order.
//
// One after the other means that a message is hidden until the one before it is settled.
// Hence what a handler that takes several at once does to itself is harm, even if nothing goes
// wrong, and what it writes must not depend on which messages came together. (An order in
// which the messages cannot be settled so, as where a handler waits for two of them, is
// played with all of them visible.)
//
// States are compared up to bare write stamps and fresh values: times within the run are
// <time>, UUIDs and other values that differ between two such executions are <id1>, <id2>,
// … by consistent renaming, so that an identity that is used at two places must still be the
// same at both, and two blobs are never one. What belongs to a delivery and not to its message
// is told apart no more than that: receipts are <receipt1>, <receipt2>, …, what is made of them
// is fresh, numbers that follow the dequeue count are <delivery>, the end of a lease is a
// time. That is known from executions with other receipts, and from one that sees the first
// delivery of no message; what a handler does otherwise because of the count counts.
//
// Times outside of the run come from arithmetic on the clock. Where an unconditional write put
// them they count by their distance from the message's first write to that key: a term that
// grows with each delivery is harm. Numbers are times if they lie within a day of the run, or
// whole hours from their write.
//
// Beyond states: a message that is never settled (liveness), a panic, goroutines that are
// left behind, an execution without end. Two things count only if the world says so: what
// somebody else has seen in between ([World.Reader]), and that nothing but a fault may make a
// message come twice ([World.Once]).
//
// A failure is looked for with fewer messages, too, if it was found with several: for that a
// Property must hold of those messages as long as nothing goes wrong.
//
// # Replay
//
// A failure names its schedule in one word, and
//
//	go test -run 'TestCounter$' -explore.replay='C@1.4'
//
// plays only that one and logs every step. The word is
//
//	[[messages] ["/" workers] ":"] ("none" | fault {"," fault})
//	fault = kind "@" instance "." operation
//	kind  = "A" | "B" | "C" | "D" | "request" | "answer" | "crash-" | "crash+" |
//	        "stop" | "freeze" | "overlap" | "busy"
//
// where messages are the numbers of the world's messages in the order of delivery
// ("2,1"), all in their own order if left out, and workers the number of instances at the
// start, 1 if left out.
//
// # What is not seen
//
// Panics in goroutines that a handler starts end the test process, as they end a worker,
// and so does log.Fatal.
// Work that makes no operation takes no time unless it sleeps. Variables of packages
// survive crashes. Of the storage service's own faults only 503 ServerBusy is played. Of
// requests that several goroutines of one instance send at the same time, and that are the
// same to the byte, Go's scheduler chooses the first.
package explore

package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Worker is a message loop. It may be run once.
type Worker struct {
	queue   *azqueue.QueueClient
	handler Handler
	options Options

	free    chan struct{} // a token for each handler that is not working
	running sync.WaitGroup
}

// New returns a worker that gives the messages of queue to handler. It fails when an
// option is out of its range.
func New(queue *azqueue.QueueClient, handler Handler, options Options) (*Worker, error) {
	o, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	if queue == nil || handler == nil {
		return nil, errors.New("worker: needs a queue and a handler")
	}
	return &Worker{queue: queue, handler: handler, options: o}, nil
}

// Run receives and works until ctx is cancelled. Then no receive is begun any more; the
// messages that have been received, also by the receive under way, are worked on, for up
// to Options.Grace; then their contexts are cancelled with [ErrStopped]. Run waits for
// all handlers to return, and so for one that ignores its context.
//
// It returns nil, or [ErrStopped] when the grace period was too short. Failures of the
// queue do not end it: they are logged, and it polls on.
func (w *Worker) Run(ctx context.Context) error {
	w.free = make(chan struct{}, w.options.Concurrency)
	for range w.options.Concurrency {
		w.free <- struct{}{}
	}
	// What has begun is not stopped by ctx, but by the end of the grace period.
	hard, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	over := make(chan struct{})
	stopGrace := context.AfterFunc(ctx, func() {
		defer close(over)
		grace := time.NewTimer(w.options.Grace)
		defer grace.Stop()
		select {
		case <-grace.C:
			cancel(ErrStopped)
		case <-hard.Done():
		}
	})
	w.loop(ctx, hard)
	w.running.Wait()
	stopped := context.Cause(hard)
	cancel(nil)
	if !stopGrace() {
		<-over
	}
	return stopped
}

// loop is steps 1 to 5, again and again.
func (w *Worker) loop(ctx, hard context.Context) {
	pause := w.options.PollMin
	for {
		tokens := w.tokens(ctx)
		if tokens == 0 {
			return
		}
		sent := time.Now()
		messages, err := w.receive(hard, tokens)
		for _, m := range messages {
			w.running.Go(func() {
				defer func() { w.free <- struct{}{} }()
				w.process(hard, m, sent)
			})
		}
		for range tokens - len(messages) {
			w.free <- struct{}{}
		}
		if len(messages) > 0 {
			pause = w.options.PollMin
			continue
		}
		if err != nil {
			w.options.Log.WarnContext(ctx, "receive failed", "queue", w.queue.URL(), "error", err)
		}
		if !sleep(ctx, pause) {
			return
		}
		pause = min(2*pause, w.options.PollMax)
	}
}

// tokens waits for a free handler, and takes as many as there are and a batch can use;
// none when ctx is done.
func (w *Worker) tokens(ctx context.Context) int {
	if ctx.Err() != nil {
		return 0
	}
	select {
	case <-w.free:
	case <-ctx.Done():
		return 0
	}
	n := 1
	for n < w.options.Batch {
		select {
		case <-w.free:
			n++
			continue
		default:
		}
		break
	}
	return n
}

// receive is one GET for at most n messages. It is not cut short by a stop: the queue
// would have hidden messages that nobody works on.
func (w *Worker) receive(hard context.Context, n int) ([]*azqueue.DequeuedMessage, error) {
	ctx, cancel := context.WithTimeout(hard, w.options.RequestTimeout)
	defer cancel()
	began := time.Now()
	answer, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(n)),
		VisibilityTimeout: to.Ptr(seconds(w.options.Visibility)),
	})
	s := Sample{At: began, Step: StepReceive, Took: time.Since(began), Outcome: outcomeOf(err), Count: len(answer.Messages)}
	if err == nil && s.Count == 0 {
		s.Outcome = Empty
	}
	w.options.Observer.Observe(s)
	return answer.Messages, err
}

// sleep reports whether d went by before ctx was done.
func sleep(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// seconds is d in the service's unit, cut up.
func seconds(d time.Duration) int32 {
	return int32((d + time.Second - 1) / time.Second)
}

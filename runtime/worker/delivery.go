package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// PanicError is the error of a handler that panicked, or that ended its goroutine
// (runtime.Goexit; Value is then nil).
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("worker: handler panicked: %v", e.Value) }

// delivery is one message in the hands of this worker. Only one goroutine touches it, so
// that the receipt needs no lock: a renewal and the delete never run side by side.
type delivery struct {
	*Worker
	Message
	receipt string    // the newest
	began   time.Time // when the request was sent that the lease comes from
}

// process is steps 6 to 11 for one message; sent is when its GET was.
func (w *Worker) process(hard context.Context, m *azqueue.DequeuedMessage, sent time.Time) {
	d := &delivery{Worker: w, Message: message(m), receipt: value(m.PopReceipt), began: sent}
	if w.options.Poison != nil && d.Deliveries > w.options.MaxDeliveries {
		d.log(slog.LevelError, "poison", errors.New("no handler lived to fail"))
		d.bury(hard)
		return
	}
	err := d.work(hard)
	var soon retryAfter
	switch {
	case err == nil:
		d.delete(hard)
	case errors.As(err, &soon):
		d.nack(hard, soon.RetryAfter())
	case w.options.Poison != nil && d.Deliveries >= w.options.MaxDeliveries:
		d.bury(hard)
	case w.options.Backoff != nil:
		d.nack(hard, w.options.Backoff(d.Deliveries))
	}
}

// retryAfter is an error that knows when the message should come back.
type retryAfter interface {
	error
	RetryAfter() time.Duration
}

func message(m *azqueue.DequeuedMessage) Message {
	return Message{
		ID:         value(m.MessageID),
		Body:       value(m.MessageText),
		Inserted:   value(m.InsertionTime),
		Expires:    value(m.ExpirationTime),
		Deliveries: value(m.DequeueCount),
	}
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// work calls the handler and holds the lease meanwhile.
func (d *delivery) work(hard context.Context) error {
	ctx, cancel := context.WithCancelCause(hard)
	defer cancel(nil)
	began := time.Now()
	done := make(chan error, 1)
	go d.call(ctx, done)
	err := d.hold(ctx, cancel, done)
	s := d.sample(StepWork, began, d.outcome(ctx, err))
	s.Waited = began.Sub(d.Inserted)
	d.options.Observer.Observe(s)
	if err != nil {
		d.log(slog.LevelWarn, "work failed", err)
	}
	return err
}

// call is the handler with its panics turned into errors. The result is sent by a
// deferred call, as a handler that ends its goroutine does not come back here.
func (d *delivery) call(ctx context.Context, done chan<- error) {
	var err error
	returned := false
	defer func() {
		if !returned {
			p := &PanicError{Value: recover(), Stack: debug.Stack()}
			d.options.Log.ErrorContext(ctx, "handler panicked", "message", d.ID, "panic", p.Value, "stack", string(p.Stack))
			err = p
		}
		done <- err
	}()
	err = d.handler(ctx, d.Message)
	returned = true
}

func (d *delivery) outcome(ctx context.Context, err error) Outcome {
	var panicked *PanicError
	switch {
	case err == nil:
		return OK
	case errors.As(err, &panicked):
		return Panicked
	case context.Cause(ctx) == ErrLeaseLost:
		return Lost
	case context.Cause(ctx) == ErrStopped:
		return Stopped
	}
	return Failed
}

// last is when the lease must have been renewed: a tenth before it is over, so that the
// handler has some time to notice.
func (d *delivery) last() time.Time {
	return d.began.Add(d.options.Visibility - d.options.Visibility/10)
}

// hold renews the lease until the handler has returned, and returns what it returned. A
// renewal under way is waited for: the delete needs its receipt.
func (d *delivery) hold(ctx context.Context, cancel context.CancelCauseFunc, done <-chan error) error {
	timer := time.NewTimer(d.untilRenewal())
	defer timer.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-timer.C:
		}
		if !time.Now().Before(d.last()) {
			cancel(ErrLeaseLost)
			return <-done
		}
		err := d.renew(ctx)
		if err != nil {
			d.log(slog.LevelWarn, "renewal failed", err)
		}
		if refused(err) {
			cancel(ErrLeaseLost)
			return <-done
		}
		next := d.untilRenewal()
		if err != nil {
			next = min(d.options.RenewEvery/4, time.Until(d.last()))
		}
		timer.Reset(next)
	}
}

// untilRenewal is the time to the first renewal of the present lease.
func (d *delivery) untilRenewal() time.Duration {
	if d.options.RenewEvery < 0 {
		return time.Until(d.last())
	}
	return time.Until(d.began.Add(d.options.RenewEvery))
}

// renew extends the lease. It is not tried longer than until the next one is due, nor
// past the point where the handler must be cancelled. It goes on when the handler's
// context is cancelled, as its receipt is needed all the same.
func (d *delivery) renew(ctx context.Context) error {
	limit := min(d.options.RequestTimeout, d.options.RenewEvery, time.Until(d.last()))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	return d.update(ctx, StepRenew, d.options.Visibility)
}

// update gives the message a new visibility timeout and keeps its new receipt. The body
// goes with it: an update without a body would erase it.
func (d *delivery) update(ctx context.Context, step Step, visibility time.Duration) error {
	began := time.Now()
	answer, err := d.queue.UpdateMessage(ctx, d.ID, d.receipt, d.Body, &azqueue.UpdateMessageOptions{
		VisibilityTimeout: to.Ptr(seconds(visibility)),
	})
	d.options.Observer.Observe(d.sample(step, began, outcomeOf(err)))
	if err != nil {
		return err
	}
	d.receipt, d.began = value(answer.PopReceipt), began
	return nil
}

// sample is of a step that began then and has just ended.
func (d *delivery) sample(step Step, began time.Time, outcome Outcome) Sample {
	return Sample{
		At: began, Step: step, Took: time.Since(began), Outcome: outcome,
		Message: d.ID, Deliveries: d.Deliveries,
	}
}

func (d *delivery) log(level slog.Level, what string, err error) {
	d.options.Log.Log(context.Background(), level, what, "message", d.ID, "deliveries", d.Deliveries, "error", err)
}

package worker

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2/queueerror"
)

// detached is a context for one request of the settling. Neither a stop nor the end of
// the grace period cancels it: the work is done, and would be done again.
func (d *delivery) detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d.options.RequestTimeout)
}

// delete is steps 7 to 11. Whatever becomes of it, the worker is done with the message:
// if it is not deleted, it comes back.
func (d *delivery) delete(ctx context.Context) {
	pause := d.options.PollMin
	for try := 1; ; try++ {
		err := d.deleteOnce(ctx, try)
		switch {
		case err == nil:
			return
		case gone(err):
			if try == 1 { // after that it was our own, as a rule
				d.log(slog.LevelInfo, "done; the message is gone already, or another's", err)
			}
			return
		case refused(err) || hopeless(err) || try == d.options.DeleteTries:
			d.log(slog.LevelWarn, "done, but not deleted: the message comes back", err)
			return
		}
		time.Sleep(pause) // bounded by DeleteTries
		pause = min(2*pause, d.options.PollMax)
	}
}

func (d *delivery) deleteOnce(ctx context.Context, try int) error {
	ctx, cancel := d.detached(ctx)
	defer cancel()
	began := time.Now()
	_, err := d.queue.DeleteMessage(ctx, d.ID, d.receipt, nil)
	s := d.sample(StepDelete, began, outcomeOf(err))
	if gone(err) {
		s.Outcome = Gone
	}
	s.Try = try
	d.options.Observer.Observe(s)
	return err
}

// nack makes the message visible after a delay. If that fails, it is left to the rest of
// its lease, which does no harm.
func (d *delivery) nack(ctx context.Context, after time.Duration) {
	ctx, cancel := d.detached(ctx)
	defer cancel()
	after = min(max(after, 0), maxVisibility)
	if err := d.update(ctx, StepNack, after); err != nil && !lost(err) {
		d.log(slog.LevelWarn, "nack failed: the message comes back after its lease", err)
	}
}

// bury puts the message into the poison queue and then deletes it, in this order: it may
// be there twice, but it is not lost.
func (d *delivery) bury(ctx context.Context) {
	put, cancel := d.detached(ctx)
	defer cancel()
	began := time.Now()
	_, err := d.options.Poison.EnqueueMessage(put, d.Body, &azqueue.EnqueueMessageOptions{
		TimeToLive: to.Ptr(int32(-1)), // for ever: a person is to look at it
	})
	d.options.Observer.Observe(d.sample(StepPoison, began, outcomeOf(err)))
	if err != nil {
		d.log(slog.LevelError, "poison queue refused: the message comes back", err)
		return
	}
	d.delete(ctx)
}

// gone: there is no such message, or not for this receipt. "If a message with a matching
// pop receipt isn't found, the service returns error code 404"
// (https://learn.microsoft.com/rest/api/storageservices/delete-message2); Azurite answers
// 400 PopReceiptMismatch to the wrong receipt.
func gone(err error) bool { return status(err) == http.StatusNotFound }

// lost: the message is not, or no longer, this worker's.
func lost(err error) bool {
	return queueerror.HasCode(err, queueerror.MessageNotFound, queueerror.PopReceiptMismatch)
}

// refused: the service answered, and the same request would be answered likewise.
func refused(err error) bool {
	switch s := status(err); s {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	default:
		return s >= 400 && s < 500
	}
}

// hopeless: there was no answer, and there will be none: the client has been cut off. (The
// SDK calls answers NonRetriable too, a 503 included: those are judged by their status.)
func hopeless(err error) bool {
	if status(err) != 0 {
		return false
	}
	var never interface {
		error
		NonRetriable()
	}
	return errors.As(err, &never)
}

// status is the HTTP status of a refusal; 0 for no answer.
func status(err error) int {
	var answer *azcore.ResponseError
	if errors.As(err, &answer) {
		return answer.StatusCode
	}
	return 0
}

// Package worker is the message loop of a worker role, on azqueue: receive, work, delete,
// in the eleven steps in which idemlint tells its schedules.
//
//	 1     GET sent                                           message A
//	 2–3   the queue hides the message for the visibility timeout
//	 4     OK sent                                            message B
//	 5     received: the lease begins, with a pop receipt
//	 6     work: the handler, while the lease is renewed
//	 7     DELETE sent, with the newest receipt               message C
//	 8–9   the queue deletes
//	10     OK sent                                            message D
//	11     received
//
//	w, err := worker.New(queue, func(ctx context.Context, m worker.Message) error {
//		_, err := idem.Update(ctx, cell, m.ID, func(c *Counter) error { c.N++; return nil })
//		return err
//	}, worker.Options{})
//	err = w.Run(ctx)
//
// # What is promised
//
// At least once: a message is deleted only after its handler has returned nil, or after
// it has been put into the poison queue. Until its time to live is over (7 days by
// default, and the service then drops it without a word), it comes back.
//
// # What is not promised
//
// Exactly once. The handler is called again for a message that it has handled, when
//
//   - B is lost: the queue hid a message that nobody works on; it comes back after the
//     visibility timeout. (The handler was not called, but the dequeue count grows.)
//   - the process dies between 5 and 8: the same, with the work done in part or wholly;
//   - C is lost in every try, or the process dies before it: the work is done again. (When
//     only D is lost, the next DELETE finds nothing, 404, and that is success.)
//   - the answer to a renewal is lost: the queue has a new receipt, which nobody knows.
//     The next renewal is refused, the work is cancelled, and comes back;
//   - the instance is frozen longer than the lease: two workers at once. The lease fences
//     the delete (step 8 refuses an old receipt), not the handler's effects.
//
// So a handler's effects must be safe to repeat, also late and next to themselves: package
// idem is for that. Nor is there any order, or any limit to how often a message comes.
//
// # The lease
//
// It is counted by this process's clock from the moment the GET, or the renewal, was
// sent: the queue's own lease begins later and so ends later. TimeNextVisible in the
// answer is another machine's clock, cut to the second, and is not used. A third of the
// visibility timeout after it began the lease is renewed; a renewal that fails is tried
// again. The handler's context is cancelled with [ErrLeaseLost] when the queue refuses the
// renewal (404 MessageNotFound; Azurite: 400 PopReceiptMismatch), or when nine tenths of the
// lease are over and no renewal has succeeded. Go's timers stand still in a suspended
// machine, so that after a thaw the cancellation can come late.
//
// Sources: https://learn.microsoft.com/rest/api/storageservices/get-messages,
// …/update-message, …/delete-message2, …/put-message; Azurite 3.37.0.
package worker

package deleteonerror

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{
	Name:    "deleteonerror",
	Summary: "settled although the work failed",
	Reports: `A way on which a call of the work fails (a write, a send, a read that the work begins with, an outgoing call, a call into code that is given a context and something of the message) and the message is settled all the same: the error is logged or dropped and the settle follows; a deferred settle runs at every return; the error arm settles; a function below logs the error and returns nil, so that its caller settles.

The finding stands at the settle. It is the commonest bug of queue workers in public code.`,
	Silent: `Ways on which the failure was made good: a retry that succeeded, another write or send that only the failure leads to (a poison queue, a record of the failure), a message dead-lettered or given back. Failures told apart by a predicate (not found, conflict, permanent). Ways chosen by the delivery count: the message was given up on purpose.

Bodies that cannot be parsed, and anything else that reaches no store: it fails again at each delivery. Errors that are gathered, stored or given to other code: what becomes of them is not followed. Reads and removals that fail beside work that was done. Calls whose name says that they do not matter: metrics, caches, progress, clean-up, logs.`,
	Before: `
func book(ctx context.Context, queue *azqueue.QueueClient, orders *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	row, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: "orders", RowKey: *msg.MessageID},
		Properties: map[string]any{"Order": *msg.MessageText},
	})
	if err != nil {
		return err
	}
	if _, err := orders.UpsertEntity(ctx, row, nil); err != nil {
		log.Printf("booking %s: %v", *msg.MessageID, err)
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	After: `
func book(ctx context.Context, queue *azqueue.QueueClient, orders *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	row, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: "orders", RowKey: *msg.MessageID},
		Properties: map[string]any{"Order": *msg.MessageText},
	})
	if err != nil {
		return err
	}
	if _, err := orders.UpsertEntity(ctx, row, nil); err != nil {
		return err // the message comes again when the lease ends
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	Schedule: []string{
		"steps 1–5: worker 1 sends GET (A), the queue hides the message and answers (B)",
		"step 6: worker 1 writes; the request is lost, or the store is busy",
		"steps 7–10: worker 1 sends DELETE all the same (C), the queue deletes the message",
		"nobody gets the message again: the order is lost",
	},
	Mend: `Return, or go on to the next message, before the settle: the lease is the retry. What can never succeed (a body that does not parse, a customer who does not exist) is told apart and put aside first, into a poison queue or the dead-letter queue, and settled then; a bound on the delivery count catches the rest.`,
	Sources: []string{
		"The visibility timeout is the retry: https://learn.microsoft.com/azure/storage/queues/storage-performance-checklist",
		"Handling poison messages: https://learn.microsoft.com/azure/architecture/patterns/competing-consumers",
		"Dead-lettering: https://learn.microsoft.com/azure/service-bus-messaging/service-bus-dead-letter-queues",
	},
}

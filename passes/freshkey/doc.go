package freshkey

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{
	Name:    "freshkey",
	Summary: "an identity that changes with each attempt",
	Reports: `A blob, row or document made in a window under a name that is fresh at each attempt (a new UUID, the clock, a random number, the host, the process) or that changes with each delivery (the receipt, the delivery count). The same for the message id of what is sent, for the idempotency key of a call, and for the identity inside a message that is sent: a field called ID, Key or …ID. The message that comes a second time makes a second one.

The finding stands at the call that makes it, or at the call in this package that leads there. One fresh value is reported once, however many calls use it.`,
	Silent: `Identities made of the message: its id, a hash of its body, uuid.NewSHA1. Identities that were read from a store, or that a create-only write of the same window made lasting first, so that the second attempt finds the first one's. What the window removes again. Dates without a time of day, which are partitions.

Names of attempts on purpose: scratch and temporary files, locks, leases, claims, attempts, traces, logs, metrics; fields that name the request, the trace, the span, the worker. They are recognised by their name (tmp, attempt, trace, …), because nothing else tells them apart.

Windows that settle before they work: nothing comes twice there.`,
	Before: `
func book(ctx context.Context, queue *azqueue.QueueClient, orders *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	row, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: "orders", RowKey: uuid.NewString()},
		Properties: map[string]any{"Order": *msg.MessageText},
	})
	if err != nil {
		return err
	}
	if _, err := orders.AddEntity(ctx, row, nil); err != nil {
		return err
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
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	Schedule: []string{
		"steps 1–5: worker 1 sends GET (A), the queue hides the message and answers (B)",
		"step 6: worker 1 writes the row 7c9e…",
		"step 7: DELETE is lost (C), or worker 1 crashes before it",
		"the lease ends; the queue shows the message again",
		"steps 1–6: worker 2 gets the message and writes the row 1b4d…: the order is booked twice",
	},
	Mend: `Derive the identity from what is the same on each delivery: the id that the producer put into the body, or else the queue's message id. Where several things are made of one message, add what tells them apart: the id and a position. Where it must look like a UUID, uuid.NewSHA1 of these.

The queue's own message id is the same on every delivery of one message, but not when a producer enqueues twice after a lost answer: an id given by the producer covers both.`,
	Sources: []string{
		"A message's id, receipt and dequeue count: https://learn.microsoft.com/rest/api/storageservices/get-messages",
		"Duplicate detection by MessageId: https://learn.microsoft.com/azure/service-bus-messaging/duplicate-detection",
		"azcore tries a request again, also an insert whose answer was lost: sdk/azcore v1.24.0, runtime/policy_retry.go",
	},
}

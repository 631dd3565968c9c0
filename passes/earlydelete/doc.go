package earlydelete

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{
	Name:    "earlydelete",
	Summary: "settled before the work is done",
	Reports: `A settle after which the work is still to do, so that a crash, or a failure of the work, loses the message. In three cases.

An effect made of the message (a write, a send, a call that is not a look-up) comes only after the settle. The finding stands at the settle.

The work was handed to a goroutine or into a channel, and nothing waits for it before the settle. The finding stands at the settle.

The receive settles by itself: ReceiveAndDelete of Azure Service Bus. The finding stands at the receive.`,
	Silent: `Effects that do not depend on the message, logging, metrics and traces after the settle; removing things after it; look-ups. Effects that on some way come before the settle. Goroutines that are waited for (WaitGroup, errgroup, a channel), and those that settle themselves. Calls that could not be looked into.

A loss that is accepted is said with //idemlint:at-most-once and the reason, on the function.`,
	Before: `
func book(ctx context.Context, queue *azqueue.QueueClient, orders *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	row, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: "orders", RowKey: *msg.MessageID},
		Properties: map[string]any{"Order": *msg.MessageText},
	})
	if err != nil {
		return err
	}
	_, err = orders.UpsertEntity(ctx, row, nil)
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
		"steps 7–10: worker 1 sends DELETE (C), the queue deletes the message",
		"worker 1 crashes before step 6, or the write fails",
		"nobody gets the message again: the order is lost",
	},
	Mend: `Settle last, when all that the message asks for has been done and answered for; hand the settle to whoever does the work, or wait for it. The work must then be idempotent, since a crash before the settle repeats it: that is what the other checks look at.`,
	Sources: []string{
		"The two steps of taking a message off a queue: https://learn.microsoft.com/azure/storage/queues/storage-quickstart-queues-go",
		"ReceiveAndDelete and PeekLock: https://learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement",
	},
}

package stalereceipt

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{
	Name:    "stalereceipt",
	Summary: "a receipt that a renewal replaced, or a renewal that erases the message",
	Reports: `A delete or another renewal that is given the receipt with which the message was renewed before, where the queue replaces the receipt with each renewal, as Azure Queue Storage does. The answer of UpdateMessage brings the new pop receipt; the old one is void from then on, and a delete with it is refused. The message comes back, although its work is done, and is refused again next time.

The finding stands at the renewal where its new receipt is thrown away, and at the use of the old one where the new one is at hand. The two must be seen to come one after the other for the same message, in one function or in functions that it calls; a delete that is deferred has the receipt of the moment at which it is deferred.

A renewal that sends an empty text: UpdateMessage replaces the text, too, with what it is given. It is reported in packages that read the text of their messages.`,
	Silent: `Queues whose receipts stay valid over renewals: Amazon SQS, Azure Service Bus. Receipts that may be the new one: stored in the message, in a variable, in a field.

A renewal behind which the message is left, such as a delay after a failure, and a use where the renewal failed. Renewals and uses that wait for each other in different goroutines, unless the new receipt is thrown away. Renewals that repeat beside the work and throw the new receipt away are reported by visibility: they prolong the lease only once.

Texts that are not constant.`,
	Before: `
func convert(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	more := &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(600))}
	if _, err := queue.UpdateMessage(ctx, *msg.MessageID, *msg.PopReceipt, *msg.MessageText, more); err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "films", *msg.MessageID, []byte(*msg.MessageText), nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	After: `
func convert(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	more := &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(600))}
	renewed, err := queue.UpdateMessage(ctx, *msg.MessageID, *msg.PopReceipt, *msg.MessageText, more)
	if err != nil {
		return err
	}
	msg.PopReceipt = renewed.PopReceipt
	if _, err := blobs.UploadBuffer(ctx, "films", *msg.MessageID, []byte(*msg.MessageText), nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	Schedule: []string{
		"steps 1–5: worker 1 sends GET (A), the queue hides the message and answers with receipt 1 (B)",
		"step 6: worker 1 renews the lease; the answer brings receipt 2",
		"step 7: worker 1 sends DELETE with receipt 1 (C)",
		"the queue refuses it (404 MessageNotFound); the message stays",
		"the renewed lease ends, and steps 1–7 begin again, for ever",
	},
	Mend: `Keep the receipt that the renewal returns where the old one was taken from, and send the message's own text again. Where a goroutine renews, keep the receipt under a lock that the delete takes, too.`,
	Sources: []string{
		"Update Message (answers with a new pop receipt; replaces the text): https://learn.microsoft.com/rest/api/storageservices/update-message",
		"Delete Message (needs the newest pop receipt): https://learn.microsoft.com/rest/api/storageservices/delete-message2",
		"A delete after an update with the old receipt: https://github.com/Azure/azure-storage-queue-go/issues/20",
	},
}

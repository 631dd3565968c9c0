package missingdelete

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{
	Name:    "missingdelete",
	Summary: "a way on which the work succeeded and the message stays in the queue",
	Reports: `A way through a window that leaves the message although nothing failed: an early return nil, a continue, a branch or an arm of a switch without the delete. The window settles the message on some other way, and on this one either an effect was made (a write, a send, an HTTP call, a call through an interface that takes a context and can fail) or the code saw that the work was done already (a look-up that found the record, a status that says so, a conflict told apart as "already there"). The message comes back when the lease ends, for ever, and each time the work is done again. The finding stands at the return or continue, or at the last effect where the function simply ends.

A dropped error of the delete, where something before it in the window must not be repeated: a message sent without an id made of the received one, an append without a condition, an increment, a read-modify-write. The delete fails, nobody learns of it, and the effect is made again. An error counts as dropped where the code does not look at it at all.`,
	Silent: `Ways on which something failed, or that return an error: leaving the message is how Azure queues are told to deliver it again. Ways that renew the message, give it back or move it aside, and ways that hand it to a goroutine, a channel or a function that cannot be looked into.

Ways on which no effect was made and nothing says that the work was done, such as skipping a message that cannot be decoded or is not meant for this worker. Such a message does come back for ever; this check does not say so.

Windows in which nothing settles, as far as the package and what it imports can be looked into: somebody else may settle there. Windows whose messages are settled by another package that calls into this one. Receivers in mode ReceiveAndDelete.

A dropped error of the delete where everything before it may be repeated. HTTP calls and processes do not count as unrepeatable here: nothing is known about what they do.`,
	Before: `
func file(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	body := []byte(*msg.MessageText)
	if bytes.HasPrefix(body, []byte("DRAFT")) {
		_, err := blobs.UploadBuffer(ctx, "drafts", *msg.MessageID, body, nil)
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "invoices", *msg.MessageID, body, nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	After: `
func file(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	body := []byte(*msg.MessageText)
	container := "invoices"
	if bytes.HasPrefix(body, []byte("DRAFT")) {
		container = "drafts"
	}
	if _, err := blobs.UploadBuffer(ctx, container, *msg.MessageID, body, nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	Schedule: []string{
		"steps 1–5: the worker sends GET (A), the queue hides the message and answers (B)",
		"step 6: the work is done, all of it",
		"step 7 does not happen: this way sends no DELETE (C)",
		"the lease ends; the queue shows the message again",
		"steps 1–6: the message is received and worked on again, and again after that",
	},
	Mend: `Settle on every way on which the work is done. The simplest form is one delete, after all branches have met again. Where "nothing to do" is a success too, let it fall through to the same delete. Look at the error of the delete: log it and count it at least.`,
	Sources: []string{
		"Azure Queue Storage, Get Messages (a message that is not deleted becomes visible again): https://learn.microsoft.com/rest/api/storageservices/get-messages",
		"Azure Queue Storage, Delete Message: https://learn.microsoft.com/rest/api/storageservices/delete-message2",
		"Azure Queue Storage has no dead-letter queue of its own; what sets poison messages aside is the host (5 attempts in WebJobs): https://github.com/Azure/azure-webjobs-sdk/issues/1040",
		"Azure Service Bus, settling and locks: https://learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement",
	},
}

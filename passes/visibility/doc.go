package visibility

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{
	Name:    "visibility",
	Summary: "work that can outlast the lease of its message",
	Reports: `Known waits that add up to more than the lease. Counted are sleeps, timers and tickers, the timeout of an http.Client, the deadline of a context over calls whose own time is not known, the retries of an Azure client that sets a TryTimeout (tries, timeouts and the delays between), all times the turns of loops where these are known. A batch handled one message after another on one lease counts as often as one receive may bring messages. The longest way counts. The finding stands at the longest wait.

A wait that nothing bounds: an HTTP call on a client without a timeout and a context without a deadline, a process, an e-mail, a condition variable.

A batch of messages handled one after another that each move a body of unknown size (files, streams; what the code encodes or decodes there counts as small), where the default retries of the client alone (8.8 s for each transfer) can take longer than the lease. Where the size of the batch is configured and not known, eight messages are assumed.

A message put into a channel that holds 16 or more while its lease runs, without a renewal.

A renewal in a goroutine beside the work that comes no more often than the lease (the shorter of the receive's and its own) ends, or that throws away the new receipt which each renewal of an Azure queue message returns, so that the next one fails.`,
	Silent: `Windows in which a goroutine renews, apart from the two mistakes above; a renewal before the work prolongs the lease that is reckoned with. Windows whose lease is not known. In Azure Queue Storage the lease is read from the VisibilityTimeout of the receive (30 s where none is given), through fields and variables where one value is seen. In Service Bus the service knows it and the code does not, so that there only renewals and channels are judged.

Work whose time the code does not tell: computing, transfers of one message, the storage clients' own calls without a TryTimeout, mutexes, wait groups, receives from channels other than timers. Silence does not mean that the work is quick.

Receivers in mode ReceiveAndDelete. Waits after the delete, and waits while no message is held.`,
	Before: `
var renderer = &http.Client{Timeout: 150 * time.Second}

func render(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{
		VisibilityTimeout: to.Ptr(int32(120)),
	})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	page, err := renderer.Get("https://render.example.com/" + *msg.MessageText)
	if err != nil {
		return err
	}
	defer page.Body.Close()
	if _, err := blobs.UploadStream(ctx, "pages", *msg.MessageText, page.Body, nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	After: `
func render(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{
		VisibilityTimeout: to.Ptr(int32(120)),
	})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	ctx, cancel := context.WithTimeout(ctx, 100*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", "https://render.example.com/"+*msg.MessageText, nil)
	if err != nil {
		return err
	}
	page, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer page.Body.Close()
	if _, err := blobs.UploadStream(ctx, "pages", *msg.MessageText, page.Body, nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	Schedule: []string{
		"steps 1–5: worker 1 sends GET (A), the queue hides the message for 120 s and answers (B)",
		"step 6: worker 1 works for 150 s",
		"after 120 s the lease ends; the queue shows the message again",
		"steps 1–5: worker 2 gets the same message while worker 1 still works",
		"step 6: both do the work",
		"step 7: the DELETE of worker 1 fails, for its receipt is stale",
	},
	Mend: `Bound the work below the lease: a timeout on the client, a deadline on the context. Or ask for a longer lease (at most 7 days in Azure Queue Storage). Or renew it beside the work, at a third of the lease, with the receipt that the last renewal returned, and cancel the work when a renewal fails. Receive fewer messages at once, or handle them side by side. A lease is no lock: also make the work safe to repeat, since a worker that was stopped for longer than its lease goes on where it stood.`,
	Sources: []string{
		"Azure Queue Storage, Get Messages (visibilitytimeout: 30 s by default, 7 days at most): https://learn.microsoft.com/rest/api/storageservices/get-messages",
		"Azure Queue Storage, Update Message (a new pop receipt): https://learn.microsoft.com/rest/api/storageservices/update-message",
		"A delete with the old pop receipt after a renewal: https://github.com/Azure/azure-storage-queue-go/issues/20",
		"azcore retries (3 retries, 0.8 s growing to 60 s, no timeout for a try): sdk/azcore v1.24.0, runtime/policy_retry.go",
		"Azure Service Bus, settling and locks: https://learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement",
		"No automatic lock renewal in the Go SDK: https://github.com/Azure/azure-sdk-for-go/issues/15745",
		"http.Client.Timeout (zero means no timeout): https://pkg.go.dev/net/http#Client",
	},
}

package increment

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{
	Name:    "increment",
	Summary: "an update relative to the old value that no mark of the message guards",
	Reports: `A write in a window whose content is the old content and something more: a counter or balance to which is added, a list to which is appended, a text that grows. And changes that the service applies to what is there: appends to a blob, increments of a patch.

The write has a condition (an ETag from that very read, a lease, a position), so that two workers at once cannot lose an update. That does not make it idempotent: the next delivery reads the new value with its new ETag, changes it again, and every condition holds. Where there is no such condition, the check etag reports the write instead.`,
	Silent: `Updates that look first for a mark of the message in what was read: its id in a list of applied ids, in a map, in a field (last id, last sequence number, a time of the message compared with the stored one). A mark of the message made in the same transaction. A mark that is looked up under a key made of the message.

State that is left once: a write that hangs on a field and sets that field to something else (pending to paid). Assignments, sets and maps keyed by the message, maxima: they come to the same when repeated. Totals counted anew from their rows.

Fields that count deliveries or changes on purpose (attempts, retries, version, revision). Keys of logs, traces, metrics and attempts, recognised by their name. Windows that settle before they work.`,
	Before: `
func count(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	got, err := blobs.DownloadStream(ctx, "counters", "visits.json", nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	var n int
	if err := json.NewDecoder(got.Body).Decode(&n); err != nil {
		return err
	}
	body, err := json.Marshal(n + 1)
	if err != nil {
		return err
	}
	_, err = blobs.UploadBuffer(ctx, "counters", "visits.json", body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag},
		},
	})
	if err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	After: `
type counter struct {
	N       int
	Applied []string // the messages that N counts
}

func count(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	if err := add(ctx, blobs, *msg.MessageID); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

func add(ctx context.Context, blobs *azblob.Client, id string) error {
	got, err := blobs.DownloadStream(ctx, "counters", "visits.json", nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	var c counter
	if err := json.NewDecoder(got.Body).Decode(&c); err != nil {
		return err
	}
	if slices.Contains(c.Applied, id) {
		return nil // counted by an earlier delivery
	}
	c.N, c.Applied = c.N+1, append(c.Applied, id)
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = blobs.UploadBuffer(ctx, "counters", "visits.json", body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag},
		},
	})
	return err
}
`,
	Schedule: []string{
		"steps 1–5: worker 1 sends GET (A), the queue hides the message and answers (B)",
		"step 6: worker 1 reads 5 and writes 6 under its ETag",
		"step 7: DELETE is lost (C), or worker 1 crashes before it",
		"the lease ends; the queue shows the message again",
		"steps 1–6: worker 2 gets the message, reads 6 and writes 7 under its ETag: one message counted twice",
	},
	Mend: `Keep the ids of the messages applied beside the value, in the same blob or row, look for the message's id first, and write both in the same conditional write: atomicity becomes idempotency. The package idem of the runtime does this.

Ids may be dropped once their message cannot come back: after the longest time that a message lives in the queue (7 days by default in Azure Queue Storage).

Or make the change absolute: a row for each message, inserted once, and the sum taken of the rows.`,
	Sources: []string{
		"Managing concurrency in Blob storage: https://learn.microsoft.com/azure/storage/blobs/concurrency-manage",
		"Append Block is not idempotent; the append position makes it conditional: https://learn.microsoft.com/rest/api/storageservices/append-block",
		"Time to live of a message: https://learn.microsoft.com/rest/api/storageservices/put-message",
	},
}

package etag

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{
	Name:    "etag",
	Summary: "a read-modify-write without a precondition from that very read",
	Reports: `A write made between the receive and the delete of a message, whose content depends on a read of the same key, in four cases.

It has no precondition. That includes UpsertEntity of aztables, which ignores the ETag in its options.

Its precondition is the wildcard. If-Match "*" asks only that something is there. UpdateEntity of aztables sends it where IfMatch is nil.

Its precondition comes from the read of another key.

Its precondition comes from a read of the same key that was made after the content was read. A change between the two reads passes and is lost.

A write also counts as a read-modify-write where it hangs on a comparison (<, >, Before, After) of what was read with the message: "is this event newer than what is stored?". Keys are the same where their expressions are equal once everything known is put in, and where the written key takes its identity from the record that was read (orders/ + order.ID after reading orders/ + id). The finding stands at the write, or at the call in this package that leads to it.`,
	Silent: `A write with the ETag of that very read. A write under another condition that the service checks: create-only, a lease, tags, a time, an append position. A precondition whose origin is not known. A version that was read before the content: a change in between only makes the write fail.

Keys that are not provably the same: a thumbnail is no read-modify-write. Writes whose content does not depend on the read, such as a blind overwrite after an existence check. Deletes that follow a read. Appends. Patch operations that the service applies itself, unless their content depends on a read.

This check asks whether two workers can lose an update to each other. It does not ask whether one message is counted twice. An ETag alone does not make +1 idempotent: when the delete is lost, the next delivery reads the new value together with its new ETag, adds one again, and every precondition holds. That is reported by the check increment.`,
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
	if _, err := blobs.UploadBuffer(ctx, "counters", "visits.json", body, nil); err != nil {
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
		return err // refused with 412 where another was faster: the message comes again
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
		"step 6: worker 1 reads 5 and is slow",
		"the lease ends; the queue shows the message again",
		"steps 1–11: worker 2 gets the same message, reads 5, writes 6 and deletes it (or does so for another message)",
		"step 6, still: worker 1 writes what it made of 5, and the update of worker 2 is lost",
		"or one after the other: step 7 is lost (C), and the next delivery reads 6 and writes 7; an ETag does not stop this",
	},
	Mend: `Pass the ETag of the read as If-Match, and start again from the read when the answer is 412. That cures the lost update.

It does not cure the second delivery. For a change that adds to what is there (a counter, a balance, a list), keep the ids of the applied messages beside the value, look for the message's id first, and write both under the same If-Match, as below. The list may drop ids that can no longer come back: those older than the longest time a message lives in the queue (7 days by default in Azure Queue Storage).`,
	Sources: []string{
		"Managing concurrency in Blob storage: https://learn.microsoft.com/azure/storage/blobs/concurrency-manage",
		"Conditional headers for blob operations: https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations",
		"Update Entity (If-Match is required, \"*\" is unconditional): https://learn.microsoft.com/rest/api/storageservices/update-entity2",
		"A nil IfMatch is sent as \"*\"; UpsertEntityOptions.ETag is ignored: sdk/data/aztables v1.4.1, client.go",
		"In SubmitTransaction an update without IfMatch becomes an upsert: sdk/data/aztables v1.4.1, transactional_batch.go",
		"Optimistic concurrency in Cosmos DB: https://learn.microsoft.com/azure/cosmos-db/nosql/database-transactions-optimistic-concurrency",
	},
}

package blobwrite

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{
	Name:    "blobwrite",
	Summary: "an unconditional write that does harm when it is repeated, or repeated late",
	Reports: `A write to a blob, a table row or a Cosmos DB item, made between the receive and the delete of a message, without any condition, in three cases.

The key is shared: it is made of constants and configuration only, so that several messages write it, and the content comes from the message. A message whose delete was lost comes back after newer messages and puts its old state over theirs. A key made of the message counts as shared where the window tells kinds of messages apart by a field (an event's type) and messages of another kind write or delete the same key with something else.

The content differs from attempt to attempt: it holds a random value, or a time reckoned from the clock (an expiry, a term). The second delivery replaces what others may have acted on already. A bare time stamp counts only where the package compares the field it is stored in.

The content depends on other state that changes: on a listing, or on a key that all messages share and that is read in the window. The second delivery writes what it finds then.

Without any condition means: no If-Match with a version, no If-None-Match, no lease, tag, time or position condition. If-Match with "*" is no condition.`,
	Silent: `A write whose key and content come from the message, or from what stores hold under keys made of the message, where no other kind of message is seen to write the key: the thumbnail may be made twice. That two messages of one kind share a key (two updates of one order) cannot be seen, so that is silent too. Conditional and create-only writes. Bare time stamps that nothing in the package decides on, durations, host names, and fields named after the attempt (trace id, request id, worker and the like).

A write of a key that was itself read to make the content: that is a read-modify-write, which etag judges. A key that is random or holds the receipt: the harm there is a second object, not an overwrite, and this check does not look for it. A shared key whose content does not come from the message, such as a heartbeat. Content that comes from a call nothing is known about, such as an HTTP response.

Appends, increments and deletes. Creations that fail where the key exists.`,
	Before: `
type prices struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

func (p *prices) publish(ctx context.Context) error {
	resp, err := p.queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	price := []byte(*msg.MessageText)
	if _, err := p.blobs.UploadBuffer(ctx, "prices", "latest.json", price, nil); err != nil {
		return err
	}
	_, err = p.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	After: `
type prices struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

type price struct {
	Amount int
	At     time.Time
}

func (p *prices) publish(ctx context.Context) error {
	resp, err := p.queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	var next price
	if err := json.Unmarshal([]byte(*msg.MessageText), &next); err != nil {
		return err
	}
	if err := p.replaceOlder(ctx, next); err != nil {
		return err // refused with 412 where another was faster: the message comes again
	}
	_, err = p.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

func (p *prices) replaceOlder(ctx context.Context, next price) error {
	got, err := p.blobs.DownloadStream(ctx, "prices", "latest.json", nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	var stored price
	if err := json.NewDecoder(got.Body).Decode(&stored); err != nil {
		return err
	}
	if !next.At.After(stored.At) {
		return nil // a newer price is there already
	}
	body, err := json.Marshal(next)
	if err != nil {
		return err
	}
	_, err = p.blobs.UploadBuffer(ctx, "prices", "latest.json", body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag},
		},
	})
	return err
}
`,
	Schedule: []string{
		"steps 1–5: worker 1 sends GET (A), the queue hides message 1 and answers (B)",
		"step 6: worker 1 writes the state of message 1",
		"step 7: its DELETE is lost (C), or worker 1 crashes before it",
		"steps 1–11: message 2 is received, writes the same key with newer state, and is deleted",
		"the lease of message 1 ends; the queue shows it again",
		"steps 1–6: message 1 is received again and overwrites the newer state with its own",
	},
	Mend:    `Give each message a key of its own, made of the message. Where the key must be shared, read it first, go on only where the message is newer than what is stored, and write with If-Match of the ETag of that read. Draw random values and terms once and keep them: create the object with If-None-Match: * and take what is there where it exists already, or put the value into the message when it is sent.`,
	Options: `With strict, every unconditional write is reported whose key or content is anything but a function of the message, constants and configuration. That includes content read from stores and content from calls that nothing is known about. It finds more, and much of it is harmless.`,
	Sources: []string{
		"Azure Blob Storage, Put Blob (replaces an existing blob): https://learn.microsoft.com/rest/api/storageservices/put-blob",
		"Managing concurrency in Blob storage: https://learn.microsoft.com/azure/storage/blobs/concurrency-manage",
		"Conditional headers for blob operations: https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations",
		"Upload overwrites by default; checking first is a race: https://github.com/Azure/azure-sdk-for-java/issues/6017",
		"UpsertEntity ignores UpsertEntityOptions.ETag: sdk/data/aztables v1.4.1, client.go",
	},
}

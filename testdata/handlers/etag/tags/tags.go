// Package tags adds review results to the tags of a document.
package tags

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type review struct {
	Folder   string `json:"folder"`
	Document string `json:"document"`
	Reviewer string `json:"reviewer"`
	Verdict  string `json:"verdict"`
}

// Process runs one round: everything that is in the queue.
func Process(ctx context.Context, conn string) error {
	q, err := azqueue.NewQueueClientFromConnectionString(conn, "reviews", nil)
	if err != nil {
		return err
	}
	docs, err := azblob.NewClientFromConnectionString(conn, nil)
	if err != nil {
		return err
	}
	start, n := time.Now(), 0
	defer func() { log.Printf("reviews: %d in %s", n, time.Since(start)) }()
	for ; ; n++ {
		resp, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
		if err != nil {
			return fmt.Errorf("reviews: %w", err)
		}
		if len(resp.Messages) == 0 {
			return nil
		}
		m := resp.Messages[0]
		var r review
		if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
			return fmt.Errorf("reviews: %s: %w", *m.MessageID, err)
		}
		doc := docs.ServiceClient().NewContainerClient(r.Folder).NewBlobClient(r.Document)
		if err := tag(ctx, doc, "review-"+r.Reviewer, r.Verdict); err != nil {
			return fmt.Errorf("reviews: %s: %w", r.Document, err)
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("reviews: %s: %w", r.Document, err)
		}
	}
}

func tag(ctx context.Context, doc *blob.Client, key, value string) error {
	got, err := doc.GetTags(ctx, nil)
	if err != nil {
		return err
	}
	all := map[string]string{key: value}
	for _, t := range got.BlobTagSet {
		if *t.Key != key {
			all[*t.Key] = *t.Value
		}
	}
	_, err = doc.SetTags(ctx, all, nil) // want `read-modify-write without a precondition.*\(etag\)`
	return err
}

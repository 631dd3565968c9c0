// Package roster puts names on a list. The options say something else already: the
// condition comes beside it. Putting a name on the list twice does no harm, so nothing
// remains.
package roster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type joining struct{ Team, Name string }

// Join handles one batch.
func Join(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120)),
	})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var j joining
		if err := json.Unmarshal([]byte(*m.MessageText), &j); err != nil {
			return err
		}
		if err := put(ctx, blobs, j); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		if _, err := queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func put(ctx context.Context, blobs *azblob.Client, j joining) error {
	page, err := blobs.DownloadStream(ctx, "teams", j.Team+".json", nil)
	if err != nil {
		return err
	}
	defer page.Body.Close()
	names := map[string]bool{}
	if err := json.NewDecoder(page.Body).Decode(&names); err != nil {
		return err
	}
	names[j.Name] = true
	var text bytes.Buffer
	if err := json.NewEncoder(&text).Encode(names); err != nil {
		return err
	}
	// now: etag
	_, err = blobs.UploadStream(ctx, "teams", j.Team+".json", &text, &azblob.UploadStreamOptions{
		HTTPHeaders: &blob.HTTPHeaders{
			BlobContentType: to.Ptr("application/json"),
		},
		Concurrency:      2, // small machines
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: page.ETag}},
	})
	return err
}

// Package metacount counts the downloads of a file in the file's own metadata.
//
// Wrong: SetMetadata under the ETag of GetProperties stops two workers at once,
// not one after the other: set to 8, delete lost, delivered again, set to 9.
//
// Message: report.pdf
// Before: blob files/report.pdf contains anything, with the metadata downloads=7
package metacount

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Counter counts downloads.
type Counter struct {
	Queue *azqueue.QueueClient
	Files *container.Client
}

// Run counts until something fails.
func (c *Counter) Run(ctx context.Context) error {
	for {
		resp, err := c.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(8)),
			VisibilityTimeout: to.Ptr(int32(300)),
		})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := c.count(ctx, *m.MessageText); err != nil {
				return fmt.Errorf("count %s: %w", *m.MessageText, err)
			}
			if _, err := c.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
				return fmt.Errorf("delete %s: %w", *m.MessageID, err)
			}
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
		}
	}
}

func (c *Counter) count(ctx context.Context, name string) error {
	file := c.Files.NewBlobClient(name)
	props, err := file.GetProperties(ctx, nil)
	if err != nil {
		return err
	}
	meta := maps.Clone(props.Metadata)
	if meta == nil {
		meta = map[string]*string{}
	}
	key, n := "downloads", 0
	for k, v := range meta {
		if strings.EqualFold(k, "downloads") {
			key = k
			if n, err = strconv.Atoi(*v); err != nil {
				return err
			}
		}
	}
	meta[key] = to.Ptr(strconv.Itoa(n + 1))
	_, err = file.SetMetadata(ctx, meta, &blob.SetMetadataOptions{ // want `\(increment\)`
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: props.ETag}},
	})
	return err
}

// Package labels writes what the classifier found into the metadata of photos.
//
// Right: SetMetadata replaces the whole map, but under the ETag of the
// GetProperties it was read with; the condition is built by a helper.
package labels

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type classified struct {
	Album, Photo string
	Labels       map[string]string
}

// Run handles up to four messages at a time; a slot is taken before a message is.
func Run(ctx context.Context, inbox *azqueue.QueueClient, blobs *azblob.Client) error {
	slots := make(chan struct{}, 4)
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case slots <- struct{}{}:
		}
		got, err := inbox.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(got.Messages) == 0 {
			<-slots
			time.Sleep(500 * time.Millisecond)
			continue
		}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := handle(ctx, inbox, blobs, got.Messages[0]); err != nil {
				slog.Error("labels", "err", err)
			}
		})
	}
}

func handle(ctx context.Context, inbox *azqueue.QueueClient, blobs *azblob.Client, m *azqueue.DequeuedMessage) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 40*time.Second)
	defer cancel()
	var c classified
	if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
		return fmt.Errorf("%s: %w", *m.MessageID, err)
	}
	photo := blobs.ServiceClient().NewContainerClient(c.Album).NewBlobClient(c.Photo)
	if err := merge(ctx, photo, c.Labels); err != nil {
		return fmt.Errorf("%s: %w", *m.MessageID, err)
	}
	if _, err := inbox.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		return fmt.Errorf("%s: %w", *m.MessageID, err)
	}
	return nil
}

func merge(ctx context.Context, photo *blob.Client, labels map[string]string) error {
	for i := 0; i < 5; i++ {
		props, err := photo.GetProperties(ctx, nil)
		if err != nil {
			return err
		}
		meta := map[string]*string{}
		for k, v := range props.Metadata {
			meta[k] = v
		}
		for k, v := range labels {
			meta[k] = &v
		}
		_, err = photo.SetMetadata(ctx, meta, &blob.SetMetadataOptions{AccessConditions: unchanged(props.ETag)})
		if !bloberror.HasCode(err, bloberror.ConditionNotMet) {
			return err
		}
	}
	return errors.New("photo keeps changing")
}

func unchanged(since *azcore.ETag) *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: since}}
}

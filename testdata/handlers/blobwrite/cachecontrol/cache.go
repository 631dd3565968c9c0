// Package cache lets a published offer be cached until it ends: the number of
// seconds is computed at the attempt, and a late repetition writes another one
// (a negative one, once the offer is over).
package cache

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type offer struct {
	Page string    `json:"page"`
	Ends time.Time `json:"ends"`
}

func headers(o offer) blob.HTTPHeaders {
	left := time.Until(o.Ends).Round(time.Second)
	control := fmt.Sprintf("public, max-age=%d", int(left.Seconds()))
	return blob.HTTPHeaders{BlobCacheControl: &control}
}

// Consume handles offers until the queue fails.
func Consume(ctx context.Context, offers *azqueue.QueueClient, pages *container.Client) error {
	for {
		resp, err := offers.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			var o offer
			if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
				slog.Error("not an offer", "message", *m.MessageID)
				continue
			}
			_, err := pages.NewBlobClient(o.Page).SetHTTPHeaders(ctx, headers(o), nil) // want `content that differs from attempt to attempt.*\(blobwrite\)`
			if err != nil {
				slog.Error("headers not set", "page", o.Page, "err", err)
				continue
			}
			if _, err := offers.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("offer not deleted", "page", o.Page, "err", err)
			}
		}
	}
}

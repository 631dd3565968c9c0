// Package quotes publishes quotes after the exchange's delay.
package quotes

import (
	"context"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	exchangeDelay = 15 * time.Minute
	leaseMinutes  = 10
)

func receiveOptions() *azqueue.DequeueMessagesOptions {
	opts := new(azqueue.DequeueMessagesOptions)
	opts.NumberOfMessages = to.Ptr(int32(1))
	opts.VisibilityTimeout = to.Ptr(int32(leaseMinutes * 60))
	return opts
}

// Publish handles one quote.
func Publish(ctx context.Context, q *azqueue.QueueClient, site *azblob.Client) {
	rsp, err := q.DequeueMessages(ctx, receiveOptions())
	if err != nil {
		slog.Error("receive", "err", err)
		return
	}
	for _, quote := range rsp.Messages {
		if !hold(ctx) {
			return
		}
		if _, err := site.UploadBuffer(ctx, "quotes", *quote.MessageID, []byte(*quote.MessageText), nil); err != nil {
			slog.Error("publish", "quote", *quote.MessageID, "delivery", *quote.DequeueCount, "err", err)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *quote.MessageID, *quote.PopReceipt, nil); err != nil {
			slog.Error("delete", "quote", *quote.MessageID, "err", err)
		}
	}
}

func hold(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(exchangeDelay): // want `can outlast the lease.*\(visibility\)`
		return true
	}
}

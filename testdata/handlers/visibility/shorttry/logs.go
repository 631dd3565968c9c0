// Package logship ships log bundles.
//
// Right: the blob client tries three times, 5 s each, with a pause of at most 2 s: under 20 s in all, and the
// lease is a minute.
package logship

import (
	"context"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

func quick() azcore.ClientOptions {
	var o azcore.ClientOptions
	o.Retry = policy.RetryOptions{
		MaxRetries:    2,
		TryTimeout:    5 * time.Second,
		RetryDelay:    time.Second,
		MaxRetryDelay: 2 * time.Second,
	}
	return o
}

// Shipper ships.
type Shipper struct {
	bundles *azqueue.QueueClient
	target  *container.Client
}

// NewShipper uses the quick options for the container.
func NewShipper(bundles *azqueue.QueueClient, containerURL string, cred azcore.TokenCredential) (*Shipper, error) {
	target, err := container.NewClient(containerURL, cred, &container.ClientOptions{ClientOptions: quick()})
	if err != nil {
		return nil, fmt.Errorf("logship: %w", err)
	}
	return &Shipper{bundles: bundles, target: target}, nil
}

// Ship ships the next bundle.
func (s *Shipper) Ship(ctx context.Context) error {
	out, err := s.bundles.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("logship: %w", err)
	}
	for _, b := range out.Messages {
		if _, err := s.target.NewBlockBlobClient(*b.MessageID).UploadBuffer(ctx, []byte(*b.MessageText), nil); err != nil {
			return fmt.Errorf("logship: upload, delivery %d: %w", *b.DequeueCount, err)
		}
		if _, err := s.bundles.DeleteMessage(ctx, *b.MessageID, *b.PopReceipt, nil); err != nil {
			return fmt.Errorf("logship: delete: %w", err)
		}
	}
	return nil
}

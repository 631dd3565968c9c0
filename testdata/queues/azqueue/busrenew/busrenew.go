// Package busrenew renews a lock of Service Bus and drops what comes back.
//
// Right: a lock keeps its token over renewals.
package busrenew

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Work handles messages until ctx ends.
func Work(ctx context.Context, in *azservicebus.Receiver, blobs *azblob.Client) error {
	for {
		list, err := in.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range list {
			if err := in.RenewMessageLock(ctx, m, nil); err != nil {
				return err
			}
			if _, err := blobs.UploadBuffer(ctx, "pages", m.MessageID, m.Body, nil); err != nil {
				return err
			}
			if err := in.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

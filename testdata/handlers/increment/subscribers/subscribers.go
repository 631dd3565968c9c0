// Package subscribers keeps the addresses that subscribed to a newsletter.
//
// Right although the blob grows with each message: the addresses are a set, and
// its size is its size. Adding an address twice is adding it once.
//
// Message: {"letter":"weekly","address":"ida@example.org"}
// Before: blob letters/weekly contains {"addresses":{},"size":0}
package subscribers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
)

type letter struct {
	Addresses map[string]struct{} `json:"addresses"`
	Size      int                 `json:"size"`
}

func (l *letter) add(address string) {
	if l.Addresses == nil {
		l.Addresses = make(map[string]struct{})
	}
	l.Addresses[address] = struct{}{}
	l.Size = len(l.Addresses)
}

type subscription struct {
	Letter  string `json:"letter"`
	Address string `json:"address"`
}

// Run takes subscriptions from the service bus.
func Run(ctx context.Context, bus *azservicebus.Receiver, blobs *azblob.Client) error {
	for {
		msgs, err := bus.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := subscribe(ctx, blobs, m.Body); err != nil {
				log.Printf("subscription %s: %v", m.MessageID, err)
				if err := bus.AbandonMessage(context.WithoutCancel(ctx), m, nil); err != nil {
					return fmt.Errorf("abandon: %w", err)
				}
				continue
			}
			if err := bus.CompleteMessage(context.WithoutCancel(ctx), m, nil); err != nil {
				return fmt.Errorf("complete: %w", err)
			}
		}
	}
}

func subscribe(ctx context.Context, blobs *azblob.Client, body []byte) error {
	var s subscription
	if err := json.Unmarshal(body, &s); err != nil {
		return err
	}
	got, err := blobs.DownloadStream(ctx, "letters", s.Letter, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	var l letter
	if err := json.Unmarshal(raw, &l); err != nil {
		return err
	}
	l.add(s.Address)
	if raw, err = json.Marshal(l); err != nil {
		return err
	}
	unchanged := &blob.ModifiedAccessConditions{IfMatch: got.ETag}
	_, err = blobs.UploadBuffer(ctx, "letters", s.Letter, raw, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: unchanged},
	})
	return err
}

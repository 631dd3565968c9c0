// Package postcards prints postcards, a goroutine for each.
//
// Right: every way out of the goroutine is either after an error or comes by the deferred delete.
package postcards

import (
	"context"
	"fmt"
	"log"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Press counts what it prints.
type Press struct {
	Cards   *azqueue.QueueClient
	Out     *container.Client
	Printed atomic.Int64
}

// Batch prints up to six cards at once.
func (p *Press) Batch(ctx context.Context) error {
	resp, err := p.Cards.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(6)),
		VisibilityTimeout: to.Ptr(int32(240)),
	})
	if err != nil {
		return fmt.Errorf("postcards: %w", err)
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, card := range resp.Messages {
		wg.Go(func() {
			var failed error
			defer func() {
				if failed != nil {
					log.Printf("card %s, delivery %d: %v", *card.MessageID, *card.DequeueCount, failed)
					return
				}
				p.Printed.Add(1)
				if _, err := p.Cards.DeleteMessage(ctx, *card.MessageID, *card.PopReceipt, nil); err != nil {
					log.Printf("card %s not deleted: %v", *card.MessageID, err)
				}
			}()
			front, back, two := strings.Cut(*card.MessageText, "\n---\n")
			if failed = p.print(ctx, *card.MessageID+"-front", front); failed != nil {
				return
			}
			if !two {
				return
			}
			failed = p.print(ctx, *card.MessageID+"-back", back)
		})
	}
	return nil
}

func (p *Press) print(ctx context.Context, name, text string) error {
	_, err := p.Out.NewBlockBlobClient(name).UploadBuffer(ctx, []byte(text), nil)
	return err
}

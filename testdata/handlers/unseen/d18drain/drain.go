// Package drain keeps crash dumps. At shutdown it leaves what it has not begun; a deletion that fails costs one more
// upload of the same dump under the same name, which nobody notices.
package drain

import (
	"context"
	"log"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Keeper keeps dumps.
type Keeper struct {
	dumps *azqueue.QueueClient
	blobs *azblob.Client
	quit  chan struct{}
	once  sync.Once
}

// New returns a Keeper.
func New(dumps *azqueue.QueueClient, blobs *azblob.Client) *Keeper {
	return &Keeper{dumps: dumps, blobs: blobs, quit: make(chan struct{})}
}

// Stop lets the dump in hand be finished.
func (k *Keeper) Stop() { k.once.Do(func() { close(k.quit) }) }

// Main runs until a signal comes.
func (k *Keeper) Main() error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	defer signal.Stop(signals)
	go func() {
		<-signals
		k.Stop()
	}()
	return k.run(context.Background())
}

func (k *Keeper) stopping() bool {
	select {
	case <-k.quit:
		return true
	default:
		return false
	}
}

func (k *Keeper) run(ctx context.Context) error {
	for !k.stopping() {
		resp, err := k.dumps.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(300))})
		if err != nil {
			return err
		}
		for n, m := range resp.Messages {
			if k.stopping() {
				log.Printf("drain: %d dumps left to others", len(resp.Messages)-n)
				return nil
			}
			if _, err := k.blobs.UploadBuffer(ctx, "dumps", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
				log.Printf("drain: %s: %v", *m.MessageID, err)
				continue
			}
			_, _ = k.dumps.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
		}
	}
	return nil
}

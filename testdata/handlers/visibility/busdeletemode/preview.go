// Package preview makes previews that nobody misses.
//
// Right: messages are gone as soon as they are received, so that there is no lease that half an hour of work or
// a full channel could outlast. That a preview can be lost is meant and said.
package preview

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Maker makes previews.
type Maker struct {
	bus   *azservicebus.Client
	blobs *azblob.Client
}

// Run returns when receiving fails.
//
//idemlint:at-most-once previews are made again on demand
func (mk *Maker) Run(ctx context.Context) error {
	opts := &azservicebus.ReceiverOptions{ReceiveMode: azservicebus.ReceiveModeReceiveAndDelete}
	rcv, err := mk.bus.NewReceiverForSubscription("documents", "preview", opts)
	if err != nil {
		return err
	}
	todo := make(chan *azservicebus.ReceivedMessage, 64)
	defer close(todo)
	go func() {
		for doc := range todo {
			if err := mk.one(ctx, doc); err != nil {
				slog.Warn("no preview", "doc", doc.MessageID, "err", err)
			}
		}
	}()
	for {
		docs, err := rcv.ReceiveMessages(ctx, 10, nil)
		if err != nil {
			return fmt.Errorf("preview: %w", err)
		}
		for _, doc := range docs {
			todo <- doc
		}
	}
}

func (mk *Maker) one(ctx context.Context, doc *azservicebus.ReceivedMessage) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	src, err := os.CreateTemp("", "preview")
	if err != nil {
		return err
	}
	defer os.Remove(src.Name())
	if _, err := src.Write(doc.Body); err != nil {
		return err
	}
	if err := src.Close(); err != nil {
		return err
	}
	png, err := exec.CommandContext(ctx, "pdftoppm", "-png", "-singlefile", src.Name()).Output()
	if err != nil {
		return err
	}
	_, err = mk.blobs.UploadBuffer(ctx, "previews", doc.MessageID+".png", png, nil)
	return err
}

// Package plates completes in a deferred function that logs. The look at its error moves
// with it, comment and all; what the last line calls must succeed first.
package plates

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Night stores exposures.
type Night struct {
	In     *azservicebus.Receiver
	Plates *container.Client
}

// Watch stores exposures until ctx ends.
func (n *Night) Watch(ctx context.Context) error {
	for ctx.Err() == nil {
		msgs, err := n.In.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := n.expose(ctx, m); err != nil {
				slog.Error("exposure", "id", m.MessageID, "err", err)
			}
		}
	}
	return nil
}

func (n *Night) expose(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	defer func() {
		// now: deleteonerror
		if err := n.In.CompleteMessage(ctx, m, nil); err != nil {
			// It comes again.
			slog.Warn("complete", "id", m.MessageID, "err", err)
		}
	}()
	var x struct{ Exposure, Pixels string }
	if err := json.Unmarshal(m.Body, &x); err != nil {
		return err
	}
	return n.upload(ctx, x.Exposure, x.Pixels)
}

func (n *Night) upload(ctx context.Context, name, pixels string) error {
	_, err := n.Plates.NewBlockBlobClient(name).UploadBuffer(ctx, []byte(pixels), nil)
	return err
}

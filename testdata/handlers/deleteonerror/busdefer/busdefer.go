// Package busdefer stores the exposures of a telescope.
//
// Wrong: the deferred CompleteMessage runs whatever has happened: an upload that failed returns an error, which is
// logged above, and the exposure is gone by then.
//
// Message: {"exposure":"xp-2","pixels":"0101"}
package busdefer

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Night stores a night's exposures.
type Night struct {
	In     *azservicebus.Receiver
	Plates *container.Client
}

// Watch stores exposures until ctx ends.
func (n *Night) Watch(ctx context.Context) error {
	for ctx.Err() == nil {
		msgs, err := n.In.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("exposures: %w", err)
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
		if err := n.In.CompleteMessage(ctx, m, nil); err != nil { // want `\(deleteonerror\)`
			slog.Warn("complete", "id", m.MessageID, "err", err)
		}
	}()
	var x struct{ Exposure, Pixels string }
	if err := json.Unmarshal(m.Body, &x); err != nil {
		return err
	}
	if _, err := n.Plates.NewBlockBlobClient(x.Exposure).UploadBuffer(ctx, []byte(x.Pixels), nil); err != nil {
		return fmt.Errorf("plate %s: %w", x.Exposure, err)
	}
	return nil
}

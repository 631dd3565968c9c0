// Package busnamed keeps delivery notes that arrive over Service Bus.
//
// Right: the CompleteMessage stands above the upload, but in a deferred function that runs after it and looks at the
// named result: an error abandons.
//
// Message: {"note":"dn-4","pallets":3}
package busnamed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Ramp is the loading ramp.
type Ramp struct {
	In    *azservicebus.Receiver
	Blobs *azblob.Client
}

// Unload handles what one receive returns.
func (r *Ramp) Unload(ctx context.Context) error {
	msgs, err := r.In.ReceiveMessages(ctx, 4, nil)
	if err != nil {
		return fmt.Errorf("ramp: %w", err)
	}
	var errs []error
	for _, m := range msgs {
		errs = append(errs, r.note(ctx, m))
	}
	return errors.Join(errs...)
}

func (r *Ramp) note(ctx context.Context, m *azservicebus.ReceivedMessage) (err error) {
	defer func() {
		if err == nil {
			err = r.In.CompleteMessage(ctx, m, nil)
			return
		}
		err = errors.Join(err, r.In.AbandonMessage(ctx, m, nil))
	}()

	var n struct {
		Note    string `json:"note"`
		Pallets int    `json:"pallets"`
	}
	if err := json.Unmarshal(m.Body, &n); err != nil {
		return fmt.Errorf("note %s: %w", m.MessageID, err)
	}
	if _, err := r.Blobs.UploadBuffer(ctx, "notes", n.Note+".json", m.Body, nil); err != nil {
		return fmt.Errorf("note %s: %w", n.Note, err)
	}
	return nil
}

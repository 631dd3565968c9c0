// Package franking franks letters; the ink takes 40 s to dry, the inbox lends a letter for 30.
package franking

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/idemlint/idemlint/testdata/handlers/visibility/wrapperlease/inbox"
)

const drying = 40 * time.Second

// Machine franks.
type Machine struct {
	In  inbox.Inbox
	Out *azblob.Client
}

// Work franks until the context ends.
func (mc *Machine) Work(ctx context.Context) {
	for ctx.Err() == nil {
		letter, err := mc.In.Take(ctx)
		if errors.Is(err, inbox.ErrNone) {
			time.Sleep(time.Second)
			continue
		} else if err != nil {
			slog.Error("take", "err", err)
			continue
		}
		if err := mc.frank(ctx, letter); err != nil {
			slog.Error("frank", "letter", letter.ID, "count", letter.Count, "err", err)
			continue
		}
		if err := mc.In.Discard(ctx, letter); err != nil {
			slog.Error("discard", "letter", letter.ID, "err", err)
		}
	}
}

func (mc *Machine) frank(ctx context.Context, l inbox.Letter) error {
	if _, err := mc.Out.UploadBuffer(ctx, "wet", l.ID, []byte(l.Body), nil); err != nil {
		return err
	}
	time.Sleep(drying) // want `can outlast the lease.*\(visibility\)`
	_, err := mc.Out.UploadBuffer(ctx, "dry", l.ID, []byte(l.Body), nil)
	return err
}

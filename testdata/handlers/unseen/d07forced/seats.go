// Package seats notes who sits where. The first try names the version that was read; when that fails the row is
// written all the same.
package seats

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type row struct {
	aztables.Entity
	Taken string
}

type booking struct{ Hall, Show, Seat string }

// Usher books seats.
type Usher struct {
	Bookings *azservicebus.Receiver
	Shows    *aztables.Client
}

// Work ends when the receiver fails.
func (u *Usher) Work(ctx context.Context) error {
	for {
		msgs, err := u.Bookings.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		m := msgs[0]
		if err := u.book(ctx, m.Body); err != nil {
			slog.Error("booking", "message", m.MessageID, "err", err)
			if err := u.Bookings.AbandonMessage(ctx, m, nil); err != nil {
				return err
			}
			continue
		}
		if err := u.Bookings.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
}

func (u *Usher) book(ctx context.Context, body []byte) error {
	var b booking
	if err := json.Unmarshal(body, &b); err != nil {
		return err
	}
	got, err := u.Shows.GetEntity(ctx, b.Hall, b.Show, nil)
	if err != nil {
		return err
	}
	var r row
	if err := json.Unmarshal(got.Value, &r); err != nil {
		return err
	}
	seats := strings.Fields(r.Taken)
	for _, s := range seats {
		if s == b.Seat {
			return nil
		}
	}
	r.Taken = strings.Join(append(seats, b.Seat), " ")
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = u.Shows.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: aztables.UpdateModeReplace})
	var refused *azcore.ResponseError
	if errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed {
		force := &aztables.UpdateEntityOptions{IfMatch: to.Ptr(azcore.ETagAny), UpdateMode: aztables.UpdateModeReplace}
		_, err = u.Shows.UpdateEntity(ctx, raw, force) // want `wildcard.*\(etag\)`
	}
	return err
}

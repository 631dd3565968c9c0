// Package wrapped adds to each error where it came from, by github.com/pkg/errors: right,
// Wrap returns an error where it is given one.
package wrapped

import (
	"context"
	"encoding/json"

	"cloud.google.com/go/firestore"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/pkg/errors"
)

type rename struct{ Room, Name string }

type Rooms struct{ rooms *firestore.CollectionRef }

func (r *Rooms) Handle(msg *message.Message) error {
	var c rename
	if err := json.Unmarshal(msg.Payload, &c); err != nil {
		return errors.Wrap(err, "unable to unmarshal the payload")
	}
	if err := r.rename(msg.Context(), c); err != nil {
		return err
	}
	return nil
}

func (r *Rooms) rename(ctx context.Context, c rename) error {
	_, err := r.rooms.Doc(c.Room).Set(ctx, map[string]any{"name": c.Name}, firestore.MergeAll)
	if err != nil {
		return errors.Wrapf(err, "can't rename %s", c.Room)
	}
	return nil
}

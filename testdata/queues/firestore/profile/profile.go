// Package profile changes one setting of a profile and sets the whole document.
package profile

import (
	"context"
	"encoding/json"
	"log"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"
)

type Profile struct {
	Name     string            `firestore:"name"`
	Settings map[string]string `firestore:"settings"`
}

type change struct{ User, Setting, Value string }

type Profiles interface {
	Load(ctx context.Context, user string) (*Profile, error)
	Save(ctx context.Context, user string, p *Profile) error
}

type stored struct{ col *firestore.CollectionRef }

func Stored(c *firestore.Client) Profiles { return &stored{c.Collection("profiles")} }

func (s *stored) Load(ctx context.Context, user string) (*Profile, error) {
	snap, err := s.col.Doc(user).Get(ctx)
	if err != nil {
		return nil, err
	}
	var p Profile
	return &p, snap.DataTo(&p)
}

func (s *stored) Save(ctx context.Context, user string, p *Profile) error {
	_, err := s.col.Doc(user).Set(ctx, p) // want `read-modify-write without a precondition.*\(etag\)`
	return err
}

func Apply(profiles Profiles) func(context.Context, *pubsub.Message) {
	return func(ctx context.Context, m *pubsub.Message) {
		var c change
		if err := json.Unmarshal(m.Data, &c); err != nil {
			log.Print(err)
			m.Ack()
			return
		}
		p, err := profiles.Load(ctx, c.User)
		if err == nil {
			p.Settings[c.Setting] = c.Value
			err = profiles.Save(ctx, c.User, p)
		}
		if err != nil {
			log.Print(err)
			m.Nack()
			return
		}
		m.Ack()
	}
}

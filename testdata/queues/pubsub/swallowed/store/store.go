// Package store keeps members in Datastore.
package store

import (
	"context"

	"cloud.google.com/go/datastore"
)

type Members struct{ Client *datastore.Client }

type member struct {
	Profile []byte `datastore:",noindex"`
	Gone    bool
}

func (m *Members) Add(ctx context.Context, id string, profile []byte) error {
	_, err := m.Client.Put(ctx, datastore.NameKey("Member", id, nil), &member{Profile: profile})
	return err
}

func (m *Members) Archive(ctx context.Context, id string, profile []byte) error {
	_, err := m.Client.Put(ctx, datastore.NameKey("FormerMember", id, nil), &member{Profile: profile, Gone: true})
	return err
}

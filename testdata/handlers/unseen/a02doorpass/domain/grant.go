// Package domain knows visitors and the doors they may open.
package domain

import (
	"context"
	"errors"
	"slices"
	"time"
)

// ErrNoDoors says that a visit names no door.
var ErrNoDoors = errors.New("visit without doors")

// Visit is a visitor who has registered at the desk.
type Visit struct {
	ID      string   `json:"id"`
	Visitor string   `json:"visitor"`
	Host    string   `json:"host"`
	Doors   []string `json:"doors"`
}

// Grant lets a visitor open doors for a while.
type Grant struct {
	VisitID   string
	Visitor   string
	Doors     []string
	ExpiresAt time.Time
}

// Grants keeps grants.
type Grants interface {
	Save(ctx context.Context, g Grant) error
}

// Policy says how long grants last.
type Policy struct {
	Term time.Duration
}

// Grant turns a visit into a grant that begins now.
func (p Policy) Grant(v Visit, now time.Time) (Grant, error) {
	if len(v.Doors) == 0 {
		return Grant{}, ErrNoDoors
	}
	doors := slices.Clone(v.Doors)
	slices.Sort(doors)
	return Grant{VisitID: v.ID, Visitor: v.Visitor, Doors: slices.Compact(doors), ExpiresAt: now.Add(p.Term).UTC()}, nil
}

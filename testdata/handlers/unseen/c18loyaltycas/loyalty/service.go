// Package loyalty credits points.
//
// Right: the version that Load returns is the one Store demands; purchases credited are kept beside the balance.
package loyalty

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrStale says that a member changed meanwhile.
var ErrStale = errors.New("member is stale")

// Member is a member.
type Member struct {
	ID        string
	Points    int
	Purchases []string
}

// Members is a repository with optimistic locking.
type Members interface {
	Load(ctx context.Context, id string) (m Member, version string, err error)
	Store(ctx context.Context, m Member, version string) error
}

// Purchase is worth points.
type Purchase struct {
	ID, Member string
	Points     int
}

// Service credits.
type Service struct {
	members Members
	tries   int
}

// NewService returns a Service.
func NewService(members Members) *Service { return &Service{members: members, tries: 5} }

// Credit credits a purchase once.
func (s *Service) Credit(ctx context.Context, p Purchase) error {
	for range s.tries {
		m, version, err := s.members.Load(ctx, p.Member)
		if err != nil {
			return fmt.Errorf("load %s: %w", p.Member, err)
		}
		if slices.Contains(m.Purchases, p.ID) {
			return nil
		}
		m.Points += p.Points
		m.Purchases = append(m.Purchases, p.ID)
		err = s.members.Store(ctx, m, version)
		if errors.Is(err, ErrStale) {
			continue
		}
		return err
	}
	return ErrStale
}

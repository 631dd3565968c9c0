// Package domain books seats.
package domain

import (
	"context"
	"errors"
)

// Errors of the domain.
var (
	ErrTaken    = errors.New("seat is taken")
	ErrConflict = errors.New("show was changed meanwhile")
)

// Versioned is a value with the version it was read in.
type Versioned[T any] struct {
	Value   T
	Version string
}

// Show is a performance.
type Show struct {
	ID    string            `json:"id"`
	Hall  string            `json:"hall"`
	Seats map[string]string `json:"seats"` // seat to booking
}

// Take gives a seat to a booking.
func (s *Show) Take(seat, booking string) error {
	switch holder := s.Seats[seat]; holder {
	case booking:
		return nil
	case "":
		if s.Seats == nil {
			s.Seats = make(map[string]string)
		}
		s.Seats[seat] = booking
		return nil
	default:
		return ErrTaken
	}
}

// Shows keeps shows.
type Shows interface {
	Get(ctx context.Context, id string) (Versioned[Show], error)
	Put(ctx context.Context, s Versioned[Show]) error
}

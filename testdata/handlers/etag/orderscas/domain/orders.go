// Package domain knows orders and nothing of Azure.
//
// Right: what the repository returns carries an opaque version, and Save is
// specified to fail with ErrConflict if the order is no longer at that version.
package domain

import (
	"context"
	"errors"
)

// ErrConflict says that an order was saved by somebody else in between.
var ErrConflict = errors.New("order was changed concurrently")

// Version is opaque outside the repository.
type Version string

// Order is an order.
type Order struct {
	ID      string
	Parcels map[string]string
	Version Version `json:"-"`
}

// Repository keeps orders.
type Repository interface {
	Find(ctx context.Context, id string) (Order, error)
	Save(ctx context.Context, o Order) error
}

// ParcelMoved says what became of a parcel.
type ParcelMoved struct {
	OrderID, ParcelID, State string
}

// Handler applies events.
type Handler struct{ Repo Repository }

// Handle applies one event, again if there was a conflict.
func (h Handler) Handle(ctx context.Context, ev ParcelMoved) error {
	var err error
	for range 3 {
		if err = h.once(ctx, ev); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return err
}

func (h Handler) once(ctx context.Context, ev ParcelMoved) error {
	o, err := h.Repo.Find(ctx, ev.OrderID)
	if err != nil {
		return err
	}
	o.Parcels[ev.ParcelID] = ev.State
	return h.Repo.Save(ctx, o)
}

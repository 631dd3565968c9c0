// Package domain knows orders and nothing of Azure.
package domain

import (
	"context"
	"errors"
	"fmt"
)

// Order is an order and the state of its parcels.
type Order struct {
	ID      string            `json:"id"`
	Parcels map[string]string `json:"parcels"`
	Closed  bool              `json:"closed"`
}

// ParcelEvent says what became of a parcel.
type ParcelEvent struct {
	Order, Parcel, State string
}

// Orders is where orders are kept.
type Orders interface {
	Get(ctx context.Context, id string) (*Order, error)
	Put(ctx context.Context, o *Order) error
}

// Service applies events to orders.
type Service struct {
	orders Orders
}

// NewService returns a Service over the given orders.
func NewService(orders Orders) *Service {
	return &Service{orders: orders}
}

// ErrNoParcel says that an event names a parcel its order does not have.
var ErrNoParcel = errors.New("no such parcel")

// Apply applies one event.
func (s *Service) Apply(ctx context.Context, ev ParcelEvent) error {
	o, err := s.orders.Get(ctx, ev.Order)
	if err != nil {
		return fmt.Errorf("order %s: %w", ev.Order, err)
	}
	if _, ok := o.Parcels[ev.Parcel]; !ok {
		return fmt.Errorf("order %s: parcel %s: %w", ev.Order, ev.Parcel, ErrNoParcel)
	}
	o.Parcels[ev.Parcel] = ev.State
	o.Closed = true
	for _, state := range o.Parcels {
		if state != "delivered" {
			o.Closed = false
		}
	}
	return s.orders.Put(ctx, o)
}

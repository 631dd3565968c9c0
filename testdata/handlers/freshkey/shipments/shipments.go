// Package shipments opens a shipment for each order that the service bus brings.
//
// Wrong: the constructor gives the shipment an id of its own. After a crash between
// the insert and the completion the order has two shipments, and is sent twice.
//
// Message: {"order":"o-1","address":"Main St 1"}
package shipments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type order struct {
	Order   string `json:"order"`
	Address string `json:"address"`
}

// Shipment is what the warehouse works on.
type Shipment struct {
	ID      string
	Order   string
	Address string
	State   string
}

// NewShipment opens a shipment for an order.
func NewShipment(o order) *Shipment {
	return &Shipment{ID: uuid.NewString(), Order: o.Order, Address: o.Address, State: "open"}
}

// Repository keeps shipments.
type Repository interface {
	Create(ctx context.Context, s *Shipment) error
}

type tableRepository struct{ table *aztables.Client }

func (r *tableRepository) Create(ctx context.Context, s *Shipment) error {
	raw, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: "shipments", RowKey: s.ID},
		Properties: map[string]any{"Order": s.Order, "Address": s.Address, "State": s.State},
	})
	if err != nil {
		return err
	}
	if _, err := r.table.AddEntity(ctx, raw, nil); err != nil { // want `\(freshkey\)`
		return fmt.Errorf("create shipment: %w", err)
	}
	return nil
}

// Service opens shipments.
type Service struct {
	orders *azservicebus.Receiver
	repo   Repository
}

// New returns a service on a table.
func New(orders *azservicebus.Receiver, table *aztables.Client) *Service {
	return &Service{orders: orders, repo: &tableRepository{table}}
}

// Run works until the receiver fails.
func (s *Service) Run(ctx context.Context) error {
	for {
		msgs, err := s.orders.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := s.open(ctx, m.Body); err != nil {
				return errors.Join(err, s.orders.AbandonMessage(context.WithoutCancel(ctx), m, nil))
			}
			if err := s.orders.CompleteMessage(context.WithoutCancel(ctx), m, nil); err != nil {
				return err
			}
		}
	}
}

func (s *Service) open(ctx context.Context, body []byte) error {
	var o order
	if err := json.Unmarshal(body, &o); err != nil {
		return err
	}
	return s.repo.Create(ctx, NewShipment(o))
}

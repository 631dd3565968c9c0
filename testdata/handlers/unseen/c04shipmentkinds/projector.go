// Package shipments projects shipping events to a document per order.
//
// Wrong: "dispatched" delivered again after "delivered" takes the order back.
package shipments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type dispatched struct {
	OrderID string `json:"orderId"`
	Carrier string `json:"carrier"`
}

type delivered struct {
	OrderID  string `json:"orderId"`
	SignedBy string `json:"signedBy"`
}

type view struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Detail string `json:"detail"`
}

// Projector keeps the views current.
type Projector struct {
	events *azservicebus.Receiver
	views  *azcosmos.ContainerClient
	logger *slog.Logger
}

// NewProjector returns a Projector.
func NewProjector(events *azservicebus.Receiver, views *azcosmos.ContainerClient, logger *slog.Logger) *Projector {
	return &Projector{events: events, views: views, logger: logger}
}

// Start runs until receiving fails.
func (p *Projector) Start(ctx context.Context) error {
	for {
		batch, err := p.events.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, msg := range batch {
			p.one(ctx, msg)
		}
	}
}

func (p *Projector) one(ctx context.Context, msg *azservicebus.ReceivedMessage) {
	if err := p.apply(ctx, msg); err != nil {
		p.logger.Error("apply", "id", msg.MessageID, "delivery", msg.DeliveryCount, "err", err)
		if err := p.events.AbandonMessage(ctx, msg, nil); err != nil {
			p.logger.Error("abandon", "id", msg.MessageID, "err", err)
		}
		return
	}
	if err := p.events.CompleteMessage(ctx, msg, nil); err != nil {
		p.logger.Error("complete", "id", msg.MessageID, "err", err)
	}
}

func (p *Projector) apply(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	if msg.Subject == nil {
		return errors.New("no subject")
	}
	switch *msg.Subject {
	case "shipment.dispatched":
		var ev dispatched
		if err := json.Unmarshal(msg.Body, &ev); err != nil {
			return err
		}
		return p.put(ctx, view{ID: ev.OrderID, State: "dispatched", Detail: ev.Carrier})
	case "shipment.delivered":
		var ev delivered
		if err := json.Unmarshal(msg.Body, &ev); err != nil {
			return err
		}
		return p.put(ctx, view{ID: ev.OrderID, State: "delivered", Detail: ev.SignedBy})
	}
	return fmt.Errorf("unknown subject %q", *msg.Subject)
}

func (p *Projector) put(ctx context.Context, v view) error {
	item, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = p.views.UpsertItem(ctx, azcosmos.NewPartitionKeyString(v.ID), item, nil) // want `key that several messages share.*\(blobwrite\)`
	return err
}

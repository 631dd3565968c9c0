// Package parcel projects the events of parcels into the view that customers see.
package parcel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Logger is the part of zap's sugared logger that is used here.
type Logger interface {
	Infow(msg string, keysAndValues ...any)
	Errorw(msg string, keysAndValues ...any)
}

type collected struct {
	Tracking string    `json:"tracking"`
	Depot    string    `json:"depot"`
	At       time.Time `json:"at"`
}

type delivered struct {
	Tracking string    `json:"tracking"`
	SignedBy string    `json:"signedBy"`
	At       time.Time `json:"at"`
}

type view struct {
	ID       string    `json:"id"`
	Status   string    `json:"status"`
	Depot    string    `json:"depot,omitempty"`
	SignedBy string    `json:"signedBy,omitempty"`
	Since    time.Time `json:"since"`
}

var errMalformed = errors.New("malformed event")

type handler func(ctx context.Context, body []byte) error

// Projector keeps the views.
type Projector struct {
	rcv    *azservicebus.Receiver
	views  *azcosmos.ContainerClient
	log    Logger
	routes map[string]handler
}

// New returns a Projector.
func New(rcv *azservicebus.Receiver, views *azcosmos.ContainerClient, log Logger) *Projector {
	p := &Projector{rcv: rcv, views: views, log: log}
	p.routes = map[string]handler{
		"parcel.collected": p.onCollected,
		"parcel.delivered": p.onDelivered,
	}
	return p
}

// Run receives until the context ends.
func (p *Projector) Run(ctx context.Context) error {
	for {
		msgs, err := p.rcv.ReceiveMessages(ctx, 10, nil)
		if err != nil {
			return fmt.Errorf("parcel: receive: %w", err)
		}
		for _, msg := range msgs {
			if err := p.dispatch(ctx, msg); err != nil {
				p.log.Errorw("settle", "message", msg.MessageID, "error", err)
			}
		}
	}
}

func (p *Projector) dispatch(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	subject := ""
	if msg.Subject != nil {
		subject = *msg.Subject
	}
	h, ok := p.routes[subject]
	if !ok {
		return p.rcv.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{
			Reason:           to.Ptr("UnknownSubject"),
			ErrorDescription: to.Ptr("no handler for " + subject),
		})
	}
	err := h(ctx, msg.Body)
	if errors.Is(err, errMalformed) {
		return p.rcv.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{Reason: to.Ptr("Malformed"), ErrorDescription: to.Ptr(err.Error())})
	}
	if err != nil {
		p.log.Errorw("event failed", "subject", subject, "message", msg.MessageID, "error", err)
		return p.rcv.AbandonMessage(ctx, msg, nil)
	}
	p.log.Infow("event projected", "subject", subject, "message", msg.MessageID)
	return p.rcv.CompleteMessage(ctx, msg, nil)
}

func (p *Projector) onCollected(ctx context.Context, body []byte) error {
	var ev collected
	if err := json.Unmarshal(body, &ev); err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	return p.show(ctx, view{ID: ev.Tracking, Status: "on its way", Depot: ev.Depot, Since: ev.At})
}

func (p *Projector) onDelivered(ctx context.Context, body []byte) error {
	var ev delivered
	if err := json.Unmarshal(body, &ev); err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	return p.show(ctx, view{ID: ev.Tracking, Status: "delivered", SignedBy: ev.SignedBy, Since: ev.At})
}

func (p *Projector) show(ctx context.Context, v view) error {
	item, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = p.views.UpsertItem(ctx, azcosmos.NewPartitionKeyString(v.ID), item, nil) // want `key that several messages share.*\(blobwrite\)`
	return err
}

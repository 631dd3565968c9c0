// Package kinds lets the kind of an error decide what becomes of a message: some are dead-lettered, some are tried
// again, and some count as done.
package kinds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Permanent is an error that no further attempt mends.
type Permanent struct{ Err error }

func (p *Permanent) Error() string { return p.Err.Error() }

// Unwrap returns the cause.
func (p *Permanent) Unwrap() error { return p.Err }

// Duplicate is returned for a message that has been handled before.
type Duplicate string

func (d Duplicate) Error() string { return string(d) + ": handled before" }

type receiver interface {
	ReceiveMessages(context.Context, int, *azservicebus.ReceiveMessagesOptions) ([]*azservicebus.ReceivedMessage, error)
	CompleteMessage(context.Context, *azservicebus.ReceivedMessage, *azservicebus.CompleteMessageOptions) error
	AbandonMessage(context.Context, *azservicebus.ReceivedMessage, *azservicebus.AbandonMessageOptions) error
	DeadLetterMessage(context.Context, *azservicebus.ReceivedMessage, *azservicebus.DeadLetterOptions) error
}

var _ receiver = (*azservicebus.Receiver)(nil)

// Registry registers devices.
type Registry struct {
	rcv     receiver
	devices *azcosmos.ContainerClient
}

// New returns a Registry.
func New(rcv *azservicebus.Receiver, devices *azcosmos.ContainerClient) *Registry {
	return &Registry{rcv: rcv, devices: devices}
}

// Run ends when the receiver fails.
func (r *Registry) Run(ctx context.Context) error {
	for {
		msgs, err := r.rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := r.settle(ctx, m, r.register(ctx, m)); err != nil {
				return fmt.Errorf("settle: %w", err)
			}
		}
	}
}

func (r *Registry) settle(ctx context.Context, m *azservicebus.ReceivedMessage, err error) error {
	var permanent *Permanent
	var duplicate Duplicate
	switch {
	case err == nil, errors.As(err, &duplicate):
		return r.rcv.CompleteMessage(ctx, m, nil)
	case errors.As(err, &permanent):
		return r.rcv.DeadLetterMessage(ctx, m, &azservicebus.DeadLetterOptions{Reason: to.Ptr(permanent.Error())})
	case errors.Is(err, context.Canceled):
		return nil // the lock ends and another instance takes it
	}
	return r.rcv.AbandonMessage(ctx, m, nil)
}

func (r *Registry) register(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	var device struct{ Model string }
	if err := json.Unmarshal(m.Body, &device); err != nil {
		return &Permanent{err}
	}
	doc, err := json.Marshal(map[string]string{"id": m.MessageID, "model": device.Model})
	if err != nil {
		return &Permanent{err}
	}
	_, err = r.devices.CreateItem(ctx, azcosmos.NewPartitionKeyString(m.MessageID), doc, nil)
	var refused *azcore.ResponseError
	if errors.As(err, &refused) {
		switch refused.StatusCode {
		case http.StatusConflict:
			return Duplicate(m.MessageID)
		case http.StatusRequestEntityTooLarge:
			return &Permanent{err}
		}
	}
	return err
}

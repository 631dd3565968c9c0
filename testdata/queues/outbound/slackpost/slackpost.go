// Package slackpost announces each release in a chat room.
//
// Wrong: a second delivery announces it again; the request has no identity.
package slackpost

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/go-resty/resty/v2"
)

type release struct{ Product, Version string }

// Announcer posts into one room.
type Announcer struct {
	rest *resty.Client
	room string
}

// NewAnnouncer makes one.
func NewAnnouncer(room string) *Announcer {
	return &Announcer{rest: resty.New().SetTimeout(5 * time.Second), room: room}
}

// announce posts one line.
func (a *Announcer) announce(ctx context.Context, r release) error {
	resp, err := a.rest.R().
		SetContext(ctx).
		SetBody(map[string]string{"text": fmt.Sprintf("%s %s is out", r.Product, r.Version)}).
		Post(a.room) // want `HTTP Post sends a POST without an idempotency key.*\(sideeffect\)`
	if err != nil {
		return err
	}
	if resp.IsError() {
		return fmt.Errorf("chat: %s", resp.Status())
	}
	return nil
}

// Run takes messages until the context ends.
func (a *Announcer) Run(ctx context.Context, rcv *azservicebus.Receiver) error {
	for {
		batch, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range batch {
			var r release
			if err := json.Unmarshal(m.Body, &r); err != nil {
				if err := rcv.DeadLetterMessage(ctx, m, nil); err != nil {
					return err
				}
				continue
			}
			if err := a.announce(ctx, r); err != nil {
				return err
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

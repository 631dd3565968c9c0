// Package shop is a service: it sends a mail for each order, under an id that it draws.
package shop

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/idemlint/idemlint/testdata/queues/directives/wrapped/base"
)

type order struct{ Customer, Text string }

type mail struct{ ID, To, Text string }

// Shop is the service.
type Shop struct{ base.Service }

// Run works.
func (s *Shop) Run(ctx context.Context) error { return s.Serve(ctx, s.confirm) }

func (s *Shop) confirm(ctx context.Context, body []byte) error {
	var o order
	if err := json.Unmarshal(body, &o); err != nil {
		return nil
	}
	text, err := json.Marshal(mail{ID: uuid.NewString(), To: o.Customer, Text: o.Text})
	if err != nil {
		return err
	}
	return s.Publish(ctx, "mails", text) // want `the identity of what base.Broker Publish makes changes with each attempt.*\(freshkey\)`
}

// Package charged charges a card for each order, through a client of the house that
// posts whatever it is given.
package charged

import (
	"context"
	"net/rpc"
)

// Order is a received message.
//
//idemlint:message identity=ID returned
type Order struct {
	ID    string
	Card  string
	Cents int
}

type cashier struct{ rpc *rpc.Client }

//idemlint:call verb=POST key=0 value=1 timeout=10s
func (c cashier) charge(card string, cents int) error {
	return c.rpc.Call("Cashier.Charge", cents, nil)
}

// Till is given orders by somebody else.
type Till struct{ cashier cashier }

// Take charges an order.
func (t *Till) Take(ctx context.Context, o *Order) error {
	return t.cashier.charge(o.Card, o.Cents) // want `charged.cashier charge sends a POST without an idempotency key.*\(sideeffect\)`
}

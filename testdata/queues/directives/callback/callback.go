// Package callback hands a function to a library of the house that calls it with each
// message, plain bytes, until it returns no error. What it makes gets a new id each time.
package callback

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
)

// Hub is the library.
type Hub struct {
	subscribe func(string, func([]byte) error) error
}

// Listen calls f with each message of the topic.
//
//idemlint:receive handler=1
func (h *Hub) Listen(topic string, f func(ctx context.Context, body []byte) error) error {
	return h.subscribe(topic, func(b []byte) error { return f(context.Background(), b) })
}

// Orders is the table of orders.
type Orders interface {
	//idemlint:create key=1 value=2
	Insert(ctx context.Context, id string, o Order) error
}

// Order is a row.
type Order struct {
	ID       string
	Customer string
}

// Start listens.
func Start(h *Hub, orders Orders) error {
	return h.Listen("orders", func(ctx context.Context, body []byte) error {
		var o Order
		if err := json.Unmarshal(body, &o); err != nil {
			return err
		}
		o.ID = uuid.NewString()
		return orders.Insert(ctx, o.ID, o) // want `the key of what callback.Orders Insert makes changes with each attempt.*\(freshkey\)`
	})
}

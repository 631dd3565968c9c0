// Package mq brings orders; an order is what it is, wherever it comes from.
package mq

import (
	"context"
	"net/rpc"
)

// Order is an order.
type Order struct {
	ID    string
	Lines []string
}

// Client is a connection to the queue.
type Client struct{ rpc *rpc.Client }

//idemlint:receive
func (c *Client) Next(ctx context.Context) (o Order, err error) {
	err = c.rpc.Call("Orders.Next", 0, &o)
	return o, err
}

//idemlint:settle
func (c *Client) Done(ctx context.Context, o Order) error {
	return c.rpc.Call("Orders.Done", o.ID, nil)
}

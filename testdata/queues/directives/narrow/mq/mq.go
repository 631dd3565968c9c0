// Package mq is a queue of the house.
package mq

import (
	"context"
	"net/rpc"
)

// Hit is a received message.
type Hit struct{ ID, Page string }

// Client is a connection to it.
type Client struct{ rpc *rpc.Client }

//idemlint:receive lease=30s
func (c *Client) Take(ctx context.Context) (h *Hit, ok bool, err error) {
	err = c.rpc.Call("Queue.Take", 30, &h)
	return h, h != nil, err
}

//idemlint:settle
func (c *Client) Drop(ctx context.Context, h *Hit) error { return c.rpc.Call("Queue.Drop", h, nil) }

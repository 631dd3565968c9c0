// Package kv is a store of the house.
package kv

import (
	"context"
	"net/rpc"
)

// Client is a connection to it.
type Client struct{ rpc *rpc.Client }

// Connect makes one.
func Connect(c *rpc.Client) *Client { return &Client{c} }

//idemlint:read key=1
func (c *Client) Get(ctx context.Context, key string) (n int, err error) {
	err = c.rpc.Call("KV.Get", key, &n)
	return n, err
}

//idemlint:write key=1 value=2
func (c *Client) Set(ctx context.Context, key string, n int) error {
	return c.rpc.Call("KV.Set", [2]any{key, n}, nil)
}

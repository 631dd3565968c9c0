// Package lineq is a queue that speaks lines over TCP.
package lineq

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
)

// Visit is a received message.
//
//idemlint:message identity=ID delivery=Attempt receipt=Ticket
type Visit struct {
	ID      string
	Page    string
	Attempt int
	Ticket  string
}

// Client is a connection to the queue.
type Client struct {
	conn net.Conn
	in   *bufio.Reader
}

// Dial connects.
func Dial(addr string) (*Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Client{conn: conn, in: bufio.NewReader(conn)}, nil
}

// Take receives up to n visits.
//
//idemlint:receive batch=arg1 lease=arg2 unit=s
func (c *Client) Take(ctx context.Context, n int, seconds int) ([]Visit, error) {
	if _, err := fmt.Fprintf(c.conn, "TAKE %d %d\n", n, seconds); err != nil {
		return nil, err
	}
	line, err := c.in.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var list []Visit
	return list, json.Unmarshal(line, &list)
}

// Drop deletes a visit.
//
//idemlint:settle
func (c *Client) Drop(ctx context.Context, v Visit) error {
	_, err := fmt.Fprintf(c.conn, "DROP %s\n", v.Ticket)
	return err
}

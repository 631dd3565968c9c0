// Package crm is the client of the customer database.
package crm

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
)

// Client speaks to one server.
type Client struct {
	base string
	hc   *http.Client
}

// New makes a client of its own.
func New(base string) *Client { return &Client{base: base, hc: &http.Client{}} }

// PutContact replaces a contact.
func (c *Client) PutContact(ctx context.Context, id string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, c.base+"/contacts/"+id, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := c.hc.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("crm: %s", resp.Status)
	}
	return nil
}

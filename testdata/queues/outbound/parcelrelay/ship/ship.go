// Package ship speaks to the carrier.
package ship

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Parcel is what is to be sent.
type Parcel struct {
	To    string `json:"to"`
	Grams int    `json:"grams"`
}

// Client speaks to one carrier.
type Client struct {
	base string
	http *http.Client
}

// New makes a client.
func New(base string) *Client {
	return &Client{base: base, http: &http.Client{Timeout: 20 * time.Second}}
}

// Book orders a parcel and returns its tracking number.
func (c *Client) Book(ctx context.Context, p Parcel) (string, error) {
	var tracking struct{ Number string }
	err := c.call(ctx, http.MethodPost, "/v2/parcels", p, &tracking)
	return tracking.Number, err
}

func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

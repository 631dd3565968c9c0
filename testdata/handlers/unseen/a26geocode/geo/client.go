// Package geo is a client of the geocoder in the cluster.
package geo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Point is a place on Earth.
type Point struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Client calls the geocoder.
type Client struct {
	base   string
	client *http.Client
}

// Option changes a Client.
type Option func(*Client)

// WithTransport is for tests and proxies.
func WithTransport(rt http.RoundTripper) Option {
	return func(c *Client) { c.client.Transport = rt }
}

// NewClient returns a Client.
func NewClient(base string, opts ...Option) *Client {
	c := &Client{base: strings.TrimRight(base, "/"), client: &http.Client{}}
	for _, o := range opts {
		o(c)
	}
	return c
}

// Locate finds an address.
func (c *Client) Locate(ctx context.Context, address string) (Point, error) {
	var p Point
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/v1/search?q="+url.QueryEscape(address), nil)
	if err != nil {
		return p, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.client.Do(req)
	if err != nil {
		return p, fmt.Errorf("geocoder: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return p, fmt.Errorf("geocoder: %s", resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		return p, fmt.Errorf("geocoder: %w", err)
	}
	return p, nil
}

// Package geo asks the geocoder.
package geo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/idemlint/idemlint/testdata/handlers/unseen/c12enrichretry/retry"
)

// Point is a place.
type Point struct{ Lat, Lon float64 }

// Client is a geocoder's client.
type Client struct {
	base string
	http *http.Client
}

// NewClient gives each attempt fifteen seconds.
func NewClient(base string) *Client {
	return &Client{base: base, http: &http.Client{Timeout: 15 * time.Second}}
}

// Locate finds an address.
func (c *Client) Locate(ctx context.Context, address string) (Point, error) {
	var pt Point
	err := retry.Do(ctx, retry.Policy{Attempts: 4, Pause: 500 * time.Millisecond}, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/locate?q="+url.QueryEscape(address), nil)
		if err != nil {
			return err
		}
		resp, err := c.http.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("geocoder: %s", resp.Status)
		}
		return json.NewDecoder(resp.Body).Decode(&pt)
	})
	return pt, err
}

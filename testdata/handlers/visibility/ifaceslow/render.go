package reports

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Renderer makes a report and keeps it under its id.
type Renderer interface {
	Render(ctx context.Context, id, query string) error
}

type remote struct {
	endpoint *url.URL
	client   *http.Client
}

// NewRemote renders on another machine, which may take three minutes.
func NewRemote(endpoint *url.URL) Renderer {
	return &remote{endpoint: endpoint, client: &http.Client{Timeout: 3 * time.Minute}}
}

func (r *remote) Render(ctx context.Context, id, query string) error {
	target := r.endpoint.JoinPath("reports", id).String()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, target, strings.NewReader(query))
	if err != nil {
		return err
	}
	resp, err := r.client.Do(req) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return fmt.Errorf("render %s: %w", id, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("render %s: %s", id, resp.Status)
	}
	return nil
}

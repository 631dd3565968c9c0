// Package closedtwice defers a Close for the ways that fail and looks at the error of the
// one that counts: right, a second Close changes nothing.
package closedtwice

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"cloud.google.com/go/storage"
	cloudevents "github.com/cloudevents/sdk-go/v2"
)

type Mirror struct {
	bucket *storage.BucketHandle
	client *http.Client
}

type page struct{ URL, Name string }

func (m *Mirror) Handle(ctx context.Context, e cloudevents.Event) error {
	var p page
	if err := e.DataAs(&p); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL, nil)
	if err != nil {
		return err
	}
	resp, err := m.client.Do(req)
	if err != nil {
		return fmt.Errorf("fetching %s: %w", p.URL, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", p.URL, resp.Status)
	}

	w := m.bucket.Object("mirror/" + p.Name).NewWriter(ctx)
	defer w.Close()
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("copying %s: %w", p.URL, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("storing %s: %w", p.Name, err)
	}
	return nil
}

// Package storage keeps the front page in a blob.
package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/weather/domain"
)

// FrontPage is the blob behind the front page.
type FrontPage struct {
	client *azblob.Client
}

// NewFrontPage returns the front page.
func NewFrontPage(client *azblob.Client) *FrontPage { return &FrontPage{client: client} }

// Show replaces the forecast.
func (p *FrontPage) Show(ctx context.Context, f domain.Forecast) error {
	data, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("front page: %w", err)
	}
	if _, err := p.client.UploadBuffer(ctx, "www", "forecast/current.json", data, nil); err != nil {
		return fmt.Errorf("front page: %w", err)
	}
	return nil
}

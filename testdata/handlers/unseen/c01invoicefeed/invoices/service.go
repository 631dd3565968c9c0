// Package invoices publishes invoices for the web shop.
package invoices

import (
	"context"
	"path"

	"github.com/idemlint/idemlint/testdata/handlers/unseen/c01invoicefeed/storage"
)

const (
	prefix     = "invoices"
	latestName = "latest.json"
)

// Invoice is what the shop shows.
type Invoice struct {
	Number   string  `json:"number"`
	Customer string  `json:"customer"`
	Total    float64 `json:"total"`
}

// Service publishes.
type Service struct {
	blobs *storage.Blobs
}

// NewService returns a Service.
func NewService(blobs *storage.Blobs) *Service { return &Service{blobs: blobs} }

// Archive keeps one invoice under its number.
func (s *Service) Archive(ctx context.Context, inv Invoice) error {
	return s.blobs.PutJSON(ctx, path.Join(prefix, inv.Number+".json"), inv)
}

// Publish makes inv the one on the start page.
func (s *Service) Publish(ctx context.Context, inv Invoice) error {
	return s.blobs.PutJSON(ctx, path.Join(prefix, latestName), inv)
}

// Package warranty archives warranty claims; queue and store are interfaces of its own.
//
// Right: the named result decides, in a deferred closure, whether the claim is removed. An archive that fails leaves
// it, however often; after ten attempts somebody is told.
package warranty

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Service is what main runs.
type Service struct {
	from claims
	to   archive
}

// NewService works on Azure.
func NewService(q *azqueue.QueueClient, b *azblob.Client) *Service {
	return &Service{from: azureClaims{q}, to: azureArchive{b, "warranty"}}
}

// Run ends when pulling fails.
func (s *Service) Run(ctx context.Context) error {
	for {
		list, err := s.from.pull(ctx)
		if err != nil {
			return err
		}
		for _, c := range list {
			if err := s.settleOne(ctx, c); err != nil && c.attempts > 10 {
				slog.Error("claim needs attention", "id", c.id, "attempts", c.attempts, "err", err)
			}
		}
	}
}

func (s *Service) settleOne(ctx context.Context, c claim) (err error) {
	defer func() {
		if err == nil {
			err = s.from.remove(ctx, c)
		}
	}()
	text := strings.TrimSpace(c.text)
	if text == "" {
		return errors.New("empty claim")
	}
	if strings.HasPrefix(text, "TEST") {
		return s.to.keep(ctx, "test/"+c.id, text)
	}
	if err := s.to.keep(ctx, c.id, text); err != nil {
		return err
	}
	return nil
}

// Package balance adds payments to an account's balance: two workers at once lose one of
// two payments, and a payment that comes twice is added twice.
package balance

import (
	"context"
	"encoding/json"

	"github.com/idemlint/idemlint/testdata/queues/kafkago/balance/accounts"
	"github.com/segmentio/kafka-go"
)

type payment struct {
	Account string `json:"account"`
	Cents   int64  `json:"cents"`
}

type repository interface {
	Load(ctx context.Context, id string) (*accounts.Account, error)
	Save(ctx context.Context, a *accounts.Account) error
}

type Service struct {
	repo   repository
	reader *kafka.Reader
}

func NewService(repo *accounts.Store, reader *kafka.Reader) *Service {
	return &Service{repo: repo, reader: reader}
}

func (s *Service) Run(ctx context.Context) error {
	for {
		m, err := s.reader.FetchMessage(ctx)
		if err != nil {
			return err
		}
		var p payment
		if err := json.Unmarshal(m.Value, &p); err != nil {
			return err
		}
		if err := s.apply(ctx, p); err != nil {
			return err
		}
		if err := s.reader.CommitMessages(ctx, m); err != nil {
			return err
		}
	}
}

func (s *Service) apply(ctx context.Context, p payment) error {
	a, err := s.repo.Load(ctx, p.Account)
	if err != nil {
		return err
	}
	a.Cents += p.Cents
	return s.repo.Save(ctx, a) // want `precondition is the wildcard.*\(etag\)`
}

// Package swallowed logs that the next step was not published and reports success.
package swallowed

import (
	"context"
	"log"

	"github.com/dapr/go-sdk/client"
	"github.com/dapr/go-sdk/service/common"
)

type Step struct{ dapr client.Client }

func (s *Step) Handle(ctx context.Context, e *common.TopicEvent) (retry bool, err error) {
	if err := s.dapr.PublishEvent(ctx, "bus", "paid", e.RawData); err != nil {
		log.Printf("event %s: %v", e.ID, err)
	}
	return false, nil // want `settled although the work failed.*\(deleteonerror\)`
}

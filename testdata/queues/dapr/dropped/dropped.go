// Package dropped answers a failure of the store with an error but without retry: Dapr
// drops the event.
package dropped

import (
	"context"
	"fmt"

	"github.com/dapr/go-sdk/client"
	"github.com/dapr/go-sdk/service/common"
)

type Orders struct{ state client.Client }

func (o *Orders) Register(s common.Service) error {
	return s.AddTopicEventHandler(&common.Subscription{PubsubName: "bus", Topic: "orders"}, o.handle)
}

func (o *Orders) handle(ctx context.Context, e *common.TopicEvent) (retry bool, err error) {
	if err := o.state.SaveState(ctx, "orders", e.ID, e.RawData, nil); err != nil {
		return false, fmt.Errorf("order %s: %w", e.ID, err) // miss `settled although the work failed.*\(deleteonerror\)`
	}
	return false, nil
}

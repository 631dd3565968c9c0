// Package retried asks for the event again where the store failed: right.
package retried

import (
	"context"
	"encoding/json"
	"log"

	"github.com/dapr/go-sdk/client"
	"github.com/dapr/go-sdk/service/common"
)

type shipment struct{ Order, Carrier string }

func Handler(state client.Client) common.TopicEventHandler {
	return func(ctx context.Context, e *common.TopicEvent) (bool, error) {
		var s shipment
		if err := json.Unmarshal(e.RawData, &s); err != nil {
			log.Printf("event %s: %v", e.ID, err)
			return false, nil
		}
		data, err := json.Marshal(s)
		if err != nil {
			return false, err
		}
		if err := state.SaveState(ctx, "shipments", s.Order, data, nil); err != nil {
			return true, err
		}
		return false, nil
	}
}

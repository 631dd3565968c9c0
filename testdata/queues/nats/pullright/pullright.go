// Package pullright works on a batch message by message: ack, nak or term.
package pullright

import (
	"context"
	"encoding/json"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/nats-io/nats.go"
)

func Run(ctx context.Context, sub *nats.Subscription, table *aztables.Client) error {
	for {
		msgs, err := sub.Fetch(1, nats.Context(ctx))
		if err != nil {
			return err
		}
		for _, m := range msgs {
			var in struct{ Area, ID, Name string }
			if err := json.Unmarshal(m.Data, &in); err != nil {
				m.Term()
				continue
			}
			row, err := json.Marshal(map[string]string{"PartitionKey": in.Area, "RowKey": in.ID, "Name": in.Name})
			if err != nil {
				m.Term()
				continue
			}
			if _, err := table.UpsertEntity(ctx, row, nil); err != nil {
				if meta, merr := m.Metadata(); merr == nil && meta.NumDelivered > 10 {
					m.Term()
				} else {
					m.NakWithDelay(time.Second)
				}
				continue
			}
			m.Ack()
		}
	}
}

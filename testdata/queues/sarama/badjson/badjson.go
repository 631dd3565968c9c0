// Package badjson marks what is no JSON: it will be none the next time, either. What
// fails otherwise ends the claim.
package badjson

import (
	"encoding/json"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/IBM/sarama"
)

type profile struct {
	Country string
	ID      string
	Name    string
}

type Sync struct {
	table *aztables.Client
}

func (y *Sync) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (y *Sync) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (y *Sync) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for msg := range claim.Messages() {
		var p profile
		if err := json.Unmarshal(msg.Value, &p); err != nil {
			slog.Warn("not a profile", "offset", msg.Offset, "err", err)
			session.MarkMessage(msg, "")
			continue
		}
		row, err := json.Marshal(aztables.EDMEntity{
			Entity:     aztables.Entity{PartitionKey: p.Country, RowKey: p.ID},
			Properties: map[string]any{"Name": p.Name},
		})
		if err != nil {
			return err
		}
		if _, err := y.table.UpsertEntity(session.Context(), row, nil); err != nil {
			return err
		}
		session.MarkMessage(msg, "")
	}
	return nil
}

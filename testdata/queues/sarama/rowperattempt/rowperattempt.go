// Package rowperattempt writes an audit row whose key is the time of the attempt.
package rowperattempt

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/IBM/sarama"
)

type entry struct {
	PartitionKey, RowKey string
	Action               string
}

type Auditor struct{ Rows *aztables.Client }

func (a *Auditor) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (a *Auditor) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (a *Auditor) ConsumeClaim(s sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	for m := range c.Messages() {
		if err := a.audit(s.Context(), m); err != nil {
			return err
		}
		s.MarkOffset(m.Topic, m.Partition, m.Offset+1, "")
	}
	return nil
}

func (a *Auditor) audit(ctx context.Context, m *sarama.ConsumerMessage) error {
	e := entry{PartitionKey: string(m.Key), RowKey: newRow(), Action: string(m.Value)}
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = a.Rows.AddEntity(ctx, body, nil) // want `\(freshkey\)`
	return err
}

func newRow() string { return strconv.FormatInt(time.Now().UnixNano(), 36) }

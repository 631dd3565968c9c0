// Package republish answers each request with an event. Where the event cannot be sent,
// it goes back to the request's offset and ends the claim.
package republish

import (
	"github.com/IBM/sarama"
)

type Relay struct {
	Producer sarama.SyncProducer
	To       string
}

func (r *Relay) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (r *Relay) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (r *Relay) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for m := range claim.Messages() {
		_, _, err := r.Producer.SendMessage(&sarama.ProducerMessage{
			Topic: r.To, Key: sarama.ByteEncoder(m.Key), Value: sarama.ByteEncoder(m.Value),
		})
		if err != nil {
			session.ResetOffset(m.Topic, m.Partition, m.Offset, "")
			return err
		}
		session.MarkMessage(m, "")
	}
	return nil
}

// Package stops ends the claim at the first failure: nothing after the failed message is
// marked, and the next session begins with it.
package stops

import (
	"context"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/IBM/sarama"
)

type Copier struct{ blobs *azblob.Client }

func (c *Copier) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (c *Copier) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (c *Copier) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for msg := range claim.Messages() {
		name := fmt.Sprintf("%s/%d/%d", msg.Topic, msg.Partition, msg.Offset)
		if _, err := c.blobs.UploadBuffer(session.Context(), "copies", name, msg.Value, nil); err != nil {
			return fmt.Errorf("offset %d: %w", msg.Offset, err)
		}
		session.MarkMessage(msg, "")
	}
	return nil
}

func Run(ctx context.Context, group sarama.ConsumerGroup, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		if err := group.Consume(ctx, []string{"events"}, &Copier{blobs}); errors.Is(err, sarama.ErrClosedConsumerGroup) {
			return nil
		}
	}
	return ctx.Err()
}

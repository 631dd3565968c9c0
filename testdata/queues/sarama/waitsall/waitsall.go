// Package waitsall works on up to a hundred messages at once, waits for all of them and
// marks the last one, which stands for all.
package waitsall

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/IBM/sarama"
	"golang.org/x/sync/errgroup"
)

type Shots struct{ blobs *azblob.Client }

func (s *Shots) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (s *Shots) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (s *Shots) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var batch []*sarama.ConsumerMessage
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := s.store(session.Context(), batch); err != nil {
			return err
		}
		session.MarkMessage(batch[len(batch)-1], "")
		batch = batch[:0]
		return nil
	}
	for {
		select {
		case m, ok := <-claim.Messages():
			if !ok {
				return flush()
			}
			if batch = append(batch, m); len(batch) < 100 {
				continue
			}
		case <-tick.C:
		case <-session.Context().Done():
			return nil
		}
		if err := flush(); err != nil {
			return err
		}
	}
}

func (s *Shots) store(ctx context.Context, batch []*sarama.ConsumerMessage) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, m := range batch {
		g.Go(func() error {
			_, err := s.blobs.UploadBuffer(ctx, "shots", string(m.Key), m.Value, nil)
			return err
		})
	}
	return g.Wait()
}

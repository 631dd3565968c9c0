// Package partitions works on the partitions of a poll at once, and within each on one
// record after the other; it commits when all have ended well.
package partitions

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"
)

func Run(ctx context.Context, cl *kgo.Client, blobs *azblob.Client) error {
	for {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		g, gctx := errgroup.WithContext(ctx)
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			g.Go(func() error {
				for _, r := range p.Records {
					if _, err := blobs.UploadBuffer(gctx, p.Topic, string(r.Key), r.Value, nil); err != nil {
						return err
					}
				}
				return nil
			})
		})
		if err := g.Wait(); err != nil {
			return err
		}
		if err := cl.CommitUncommittedOffsets(ctx); err != nil {
			return err
		}
		cl.AllowRebalance()
	}
}

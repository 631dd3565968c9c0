// Package kiln fires pots for forty seconds.
//
// Right: the house's queue is opened with two minutes a job. (Its default elsewhere is 30 s, but not here.)
package kiln

import (
	"context"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/visibility/wrapperlong/jobqueue"
)

const firing = 40 * time.Second

// Fire fires pots until the context ends.
func Fire(ctx context.Context, client *azqueue.QueueClient, shelf *container.Client) error {
	jobs := jobqueue.Open(client, 2*time.Minute)
	for ctx.Err() == nil {
		pot, err := jobs.Next(ctx)
		if err != nil {
			return err
		}
		if pot == nil {
			time.Sleep(10 * time.Second)
			continue
		}
		time.Sleep(firing)
		if _, err := shelf.NewBlockBlobClient(pot.ID).UploadBuffer(ctx, []byte(pot.Body), nil); err != nil {
			slog.Error("pot", "id", pot.ID, "attempt", pot.Attempt, "err", err)
			continue
		}
		if err := pot.Done(context.WithoutCancel(ctx)); err != nil {
			slog.Error("pot done, job not", "id", pot.ID, "err", err)
		}
	}
	return ctx.Err()
}

// Package share reads a share group and says of each record what became of it.
package share

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/twmb/franz-go/pkg/kgo"
)

func Run(ctx context.Context, cl *kgo.Client, rows *aztables.Client) error {
	for ctx.Err() == nil {
		for _, r := range cl.PollRecords(ctx, 10).Records() {
			if !json.Valid(r.Value) {
				r.Ack(kgo.AckReject)
				continue
			}
			if _, err := rows.UpsertEntity(ctx, r.Value, nil); err != nil {
				slog.Warn("row", "offset", r.Offset, "err", err)
				r.Ack(kgo.AckRelease)
				continue
			}
			r.Ack(kgo.AckAccept)
		}
		if err := cl.FlushAcks(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

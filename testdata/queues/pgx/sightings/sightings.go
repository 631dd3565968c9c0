// Package sightings keeps where birds were seen.
//
// Wrong: the row has no key of the message.
package sightings

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type sighting struct {
	Bird     string
	Lat, Lon float64
	At       time.Time
}

// Watcher is the worker.
type Watcher struct {
	queue *azqueue.QueueClient
	pool  *pgxpool.Pool
}

// Run works until the context ends.
func (w *Watcher) Run(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessage(ctx, nil)
		if err != nil || len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := w.keep(ctx, []byte(*m.MessageText)); err != nil {
			slog.Error("not kept", "err", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("not deleted", "err", err)
		}
	}
}

func (w *Watcher) keep(ctx context.Context, body []byte) error {
	var s sighting
	if err := json.Unmarshal(body, &s); err != nil {
		return err
	}
	var row int64
	return w.pool.QueryRow(ctx, // want `PostgreSQL QueryRow inserts into sightings without a conflict clause.*\(sideeffect\)`
		`INSERT INTO sightings (bird, lat, lon, at) VALUES (@bird, @lat, @lon, @at) RETURNING row`,
		pgx.NamedArgs{"bird": s.Bird, "lat": s.Lat, "lon": s.Lon, "at": s.At}).Scan(&row)
}

// Package batchlog keeps what sites measure.
//
// Wrong: a batch of inserts, none of which has a key of the message.
package batchlog

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type measured struct {
	Site   string
	Values []float64
}

// Keep handles one message.
func Keep(ctx context.Context, queue *azqueue.QueueClient, pool *pgxpool.Pool) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var x measured
	if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for _, v := range x.Values {
		batch.Queue("INSERT INTO samples (site, value) VALUES ($1, $2)", x.Site, v) // want `inserts into samples without a conflict clause.*\(sideeffect\)`
	}
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

// Package unnested keeps which files were seen, and hands on the new ones.
//
// Right: the rows are keyed by bucket and name, and rows that are there are left alone.
// When they were queued is no part of them.
package unnested

import (
	"context"
	"encoding/json"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/jackc/pgx/v5/pgxpool"
)

type file struct {
	Bucket, Name string
	QueuedAt     time.Time `json:"-"`
}

const insertFiles = `INSERT INTO files (bucket, name)
	SELECT unnest($1::text[]), unnest($2::text[])
	ON CONFLICT (bucket, name) DO NOTHING`

// Keep handles one message.
func Keep(ctx context.Context, queue *azqueue.QueueClient, pool *pgxpool.Pool) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	files, err := parse(*m.MessageText)
	if err != nil {
		return err
	}
	buckets, names := make([]string, len(files)), make([]string, len(files))
	for i, f := range files {
		buckets[i], names[i] = f.Bucket, f.Name
	}
	if _, err := pool.Exec(ctx, insertFiles, buckets, names); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func parse(text string) ([]file, error) {
	var files []file
	if err := json.Unmarshal([]byte(text), &files); err != nil {
		return nil, err
	}
	for i := range files {
		files[i].QueuedAt = time.Now()
	}
	return files, nil
}

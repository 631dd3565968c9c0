// Package jobtrail runs jobs and keeps a row that says how far each one is.
//
// Right: the row is the message's own, its times are stamps, and the result is a function of the job.
package jobtrail

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type job struct {
	id   string
	Kind string         `json:"kind"`
	Args map[string]int `json:"args"`
}

type runFunc func(ctx context.Context, j job) error

type middleware func(runFunc) runFunc

func chain(f runFunc, ms ...middleware) runFunc {
	for i := len(ms) - 1; i >= 0; i-- {
		f = ms[i](f)
	}
	return f
}

func logged(log *slog.Logger) middleware {
	return func(next runFunc) runFunc {
		return func(ctx context.Context, j job) error {
			start := time.Now()
			err := next(ctx, j)
			log.Info("job", "id", j.id, "kind", j.Kind, "took", time.Since(start), "err", err)
			return err
		}
	}
}

func recovered(next runFunc) runFunc {
	return func(ctx context.Context, j job) (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("job %s: panic: %v", j.id, r)
			}
		}()
		return next(ctx, j)
	}
}

type trail struct{ table *aztables.Client }

func (t trail) set(ctx context.Context, j job, status string, more map[string]any) error {
	row := map[string]any{
		"PartitionKey": j.Kind,
		"RowKey":       j.id,
		"Status":       status,
		"UpdatedAt":    time.Now().UTC().Format(time.RFC3339Nano),
	}
	maps.Copy(row, more)
	data, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = t.table.UpsertEntity(ctx, data, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeMerge})
	return err
}

func (t trail) middleware(next runFunc) runFunc {
	return func(ctx context.Context, j job) error {
		if err := t.set(ctx, j, "running", nil); err != nil {
			return err
		}
		if err := next(ctx, j); err != nil {
			if terr := t.set(ctx, j, "failed", map[string]any{"Error": err.Error()}); terr != nil {
				slog.Warn("trail", "job", j.id, "err", terr)
			}
			return err
		}
		return t.set(ctx, j, "done", map[string]any{"Result": "results/" + j.id})
	}
}

// Run ends with the context.
func Run(ctx context.Context, q *azqueue.QueueClient, table *aztables.Client, results *container.Client) {
	work := func(ctx context.Context, j job) error {
		sum := 0
		for _, v := range j.Args {
			sum += v
		}
		body := fmt.Appendf(nil, "%s %d\n", j.Kind, sum)
		_, err := results.NewBlockBlobClient("results/"+j.id).UploadBuffer(ctx, body, nil)
		return err
	}
	run := chain(work, logged(slog.Default()), recovered, trail{table}.middleware)

	for {
		resp, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2))})
		if err != nil {
			slog.Error("dequeue", "err", err)
		}
		for _, m := range resp.Messages {
			j := job{id: *m.MessageID}
			err := json.Unmarshal([]byte(*m.MessageText), &j)
			if err == nil {
				err = run(ctx, j)
			}
			if err == nil {
				_, err = q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
			}
			if err != nil {
				slog.Error("job left in the queue", "job", j.id, "delivery", *m.DequeueCount, "err", err)
			}
		}
		if len(resp.Messages) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(2 * time.Second):
		}
	}
}

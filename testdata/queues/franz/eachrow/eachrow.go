// Package eachrow writes a row for each record, under a key of the attempt, from within
// EachRecord.
package eachrow

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

func Run(ctx context.Context, cl *kgo.Client, rows *aztables.Client) error {
	for {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return err
		}
		var failed error
		fetches.EachRecord(func(r *kgo.Record) {
			if failed == nil {
				failed = write(ctx, rows, r)
			}
		})
		if failed != nil {
			return failed
		}
		if err := cl.CommitUncommittedOffsets(ctx); err != nil {
			return err
		}
	}
}

func write(ctx context.Context, rows *aztables.Client, r *kgo.Record) error {
	row, err := json.Marshal(map[string]string{"PartitionKey": r.Topic, "RowKey": uuid.NewString(), "Text": string(r.Value)})
	if err != nil {
		return err
	}
	_, err = rows.AddEntity(ctx, row, nil) // want `\(freshkey\)`
	return err
}

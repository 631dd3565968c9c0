// Package recount keeps the number of answers to a survey.
//
// Right: each answer is a row keyed by its message and inserted once; the number is
// not raised but counted anew from the rows, after the row of the number was read
// and on condition that nobody wrote it since.
//
// Message: {"survey":"food","answer":"good"}
// Before: row answers/totals/food contains {"Answers":0}
package recount

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type answer struct {
	PartitionKey string `json:"PartitionKey"`
	RowKey       string `json:"RowKey"`
	Answer       string `json:"Answer"`
}

type total struct {
	PartitionKey string
	RowKey       string
	Answers      int
}

func status(err error) int {
	var re *azcore.ResponseError
	if errors.As(err, &re) {
		return re.StatusCode
	}
	return 0
}

// Run takes answers until the queue fails.
func Run(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	for {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var in struct{ Survey, Answer string }
		if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
			return err
		}
		raw, err := json.Marshal(answer{PartitionKey: in.Survey, RowKey: *m.MessageID, Answer: in.Answer})
		if err != nil {
			return err
		}
		if _, err := table.AddEntity(ctx, raw, nil); err != nil && status(err) != http.StatusConflict {
			return err
		}
		if err := recount(ctx, table, in.Survey); err != nil {
			return err
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func recount(ctx context.Context, table *aztables.Client, survey string) error {
	for range 5 {
		cur, err := table.GetEntity(ctx, "totals", survey, nil)
		if err != nil {
			return err
		}
		t := total{PartitionKey: "totals", RowKey: survey}
		rows := table.NewListEntitiesPager(&aztables.ListEntitiesOptions{Filter: to.Ptr(fmt.Sprintf("PartitionKey eq '%s'", survey))})
		for rows.More() {
			page, err := rows.NextPage(ctx)
			if err != nil {
				return err
			}
			t.Answers += len(page.Entities)
		}
		raw, err := json.Marshal(t)
		if err != nil {
			return err
		}
		_, err = table.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &cur.ETag, UpdateMode: aztables.UpdateModeReplace})
		if status(err) != http.StatusPreconditionFailed {
			return err
		}
	}
	return errors.New("too many writers")
}

// Package clockday keeps one row for each delivery of the post, in a partition for
// each day.
//
// Wrong although the row key is the message's id: the day is the worker's. Inserted
// before midnight, crash, delivered again after midnight: inserted into the next
// day's partition as well, and both days count the parcel.
//
// Message: {"parcel":"p-1","door":"12b"}
package clockday

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type parcel struct {
	PartitionKey string `json:"PartitionKey"`
	RowKey       string `json:"RowKey"`
	Parcel       string `json:"parcel"`
	Door         string `json:"door"`
}

// Post keeps the rows.
type Post struct {
	Queue *azqueue.QueueClient
	Days  *aztables.Client
}

// Run keeps rows until the queue fails.
func (p *Post) Run(ctx context.Context) error {
	for {
		resp, err := p.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		row := parcel{PartitionKey: today(), RowKey: *m.MessageID}
		if err := json.Unmarshal([]byte(*m.MessageText), &row); err != nil {
			return err
		}
		if err := p.insert(ctx, row); err != nil {
			return fmt.Errorf("parcel %s: %w", row.Parcel, err)
		}
		if _, err := p.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func (p *Post) insert(ctx context.Context, row parcel) error {
	raw, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = p.Days.AddEntity(ctx, raw, nil) // miss `\(freshkey\)`
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.ErrorCode == string(aztables.EntityAlreadyExists) {
		return nil
	}
	return err
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }

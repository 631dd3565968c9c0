// Package stamped files letters with the time of filing. Nothing decides on the
// stamp, but the content is no function of the message.
package stamped

import (
	"context"
	"encoding/json"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type letter struct {
	Sender, Number, Subject string
}

type filed struct {
	aztables.Entity
	Subject   string
	UpdatedAt aztables.EDMDateTime
}

// File files at most one letter and reports its number.
func File(ctx context.Context, inbox *azqueue.QueueClient, letters *aztables.Client) (string, error) {
	resp, err := inbox.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return "", err
	}
	m := resp.Messages[0]
	var l letter
	if err := json.Unmarshal([]byte(*m.MessageText), &l); err != nil {
		return "", err
	}
	row, err := json.Marshal(filed{
		Entity:    aztables.Entity{PartitionKey: l.Sender, RowKey: l.Number},
		Subject:   l.Subject,
		UpdatedAt: aztables.EDMDateTime(time.Now()),
	})
	if err != nil {
		return "", err
	}
	if _, err := letters.UpsertEntity(ctx, row, nil); err != nil { // want `strict.*\(blobwrite\)`
		return "", err
	}
	_, err = inbox.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return l.Number, err
}

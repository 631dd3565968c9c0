// Package capfirst files tax forms; forms that have failed too often are parked for a clerk.
//
// Right: the delete that stands above the upload belongs to the parked form: its text is in the table of parked
// forms by then, and the function returns.
//
// Message: {"form":"tx-19","taxpayer":"tp-2"}
package capfirst

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const maxDeliveries = 4

// Office files forms.
type Office struct {
	Forms  *azqueue.QueueClient
	Files  *azblob.Client
	Parked *aztables.Client
}

// File files the next form.
func (o *Office) File(ctx context.Context) error {
	r, err := o.Forms.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	if *m.DequeueCount > maxDeliveries {
		if err := o.park(ctx, m); err != nil {
			return fmt.Errorf("park %s: %w", *m.MessageID, err)
		}
		_, err := o.Forms.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
		return err
	}

	var form struct {
		Form     string `json:"form"`
		Taxpayer string `json:"taxpayer"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &form); err != nil {
		return fmt.Errorf("form %s: %w", *m.MessageID, err)
	}
	name := form.Taxpayer + "/" + form.Form + ".json"
	if _, err := o.Files.UploadBuffer(ctx, "forms", name, []byte(*m.MessageText), nil); err != nil {
		return fmt.Errorf("file %s: %w", name, err)
	}
	_, err = o.Forms.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (o *Office) park(ctx context.Context, m *azqueue.DequeuedMessage) error {
	row, err := json.Marshal(map[string]string{"PartitionKey": "parked", "RowKey": *m.MessageID, "Text": *m.MessageText})
	if err != nil {
		return err
	}
	_, err = o.Parked.UpsertEntity(ctx, row, nil)
	return err
}

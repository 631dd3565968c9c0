// Package conflictmine issues vouchers, each with the id of the message that asks for it.
//
// Right: one error of the insert is followed by the delete, and it is the conflict: the row's key is the message's
// id, so whoever inserted it was an earlier delivery of this very message.
//
// Message: {"shop":"sh-3","value":20}
package conflictmine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Vouchers issues vouchers.
type Vouchers struct {
	Requests *azqueue.QueueClient
	Table    *aztables.Client
}

// Issue issues the next voucher.
func (v *Vouchers) Issue(ctx context.Context) error {
	r, err := v.Requests.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	err = v.insert(ctx, m)
	if exists(err) {
		slog.Info("issued at an earlier delivery", "id", *m.MessageID, "delivery", *m.DequeueCount)
		err = nil
	}
	if err != nil {
		return fmt.Errorf("voucher %s: %w", *m.MessageID, err)
	}
	_, err = v.Requests.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (v *Vouchers) insert(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var x struct {
		Shop  string `json:"shop"`
		Value int    `json:"value"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]any{"PartitionKey": x.Shop, "RowKey": *m.MessageID, "Value": x.Value})
	if err != nil {
		return err
	}
	_, err = v.Table.AddEntity(ctx, row, nil)
	return err
}

func exists(err error) bool {
	var re *azcore.ResponseError
	return errors.As(err, &re) && re.ErrorCode == string(aztables.EntityAlreadyExists)
}

// Package balance books deposits on the accounts of a bank for children.
//
// Wrong: the row is updated under the ETag that was read, but nothing in it says
// which deposits it already contains. Booked, then the worker dies before the
// delete; the next delivery books the same deposit on top of it.
//
// Message: {"bank":"north","account":"a-7","cents":500}
// Before: row accounts/north/a-7 contains {"Owner":"Ida","Cents":1200}
package balance

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Teller books what lies in the queue.
type Teller struct {
	Queue    *azqueue.QueueClient
	Accounts *aztables.Client
}

type deposit struct {
	Bank    string `json:"bank"`
	Account string `json:"account"`
	Cents   int    `json:"cents"`
}

type account struct {
	PartitionKey string
	RowKey       string
	Owner        string
	Cents        int
}

func (a *account) credit(cents int) { a.Cents += cents }

// Work books one deposit, and says whether there was one.
func (t *Teller) Work(ctx context.Context) (bool, error) {
	resp, err := t.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
	if err != nil {
		return false, err
	}
	for _, m := range resp.Messages {
		var d deposit
		if err := json.Unmarshal([]byte(*m.MessageText), &d); err != nil {
			return true, fmt.Errorf("deposit %s: %w", *m.MessageID, err)
		}
		if err := t.book(ctx, d); err != nil {
			slog.Error("not booked", "message", *m.MessageID, "err", err)
			return true, err
		}
		done, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		_, err := t.Queue.DeleteMessage(done, *m.MessageID, *m.PopReceipt, nil)
		cancel()
		if err != nil {
			return true, err
		}
	}
	return len(resp.Messages) > 0, nil
}

func (t *Teller) book(ctx context.Context, d deposit) error {
	cur, err := t.Accounts.GetEntity(ctx, d.Bank, d.Account, nil)
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	var a account
	if err := json.Unmarshal(cur.Value, &a); err != nil {
		return err
	}
	a.credit(d.Cents)
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = t.Accounts.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &cur.ETag, UpdateMode: aztables.UpdateModeReplace}) // want `\(increment\)`
	return err
}

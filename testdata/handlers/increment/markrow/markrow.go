// Package markrow books deposits on accounts.
//
// Right although the balance is changed relative to the balance read: in the same
// transaction a row with the message's id is inserted. A second delivery finds the
// row, or, if both run at once, its insert fails and the balance with it.
//
// Message: {"account":"a-7","cents":500}
// Before: row accounts/a-7/balance contains {"Cents":1200}
package markrow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
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
	Account string `json:"account"`
	Cents   int    `json:"cents"`
}

type balance struct {
	PartitionKey string
	RowKey       string
	Cents        int
}

type mark struct {
	PartitionKey string
	RowKey       string
}

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
		if err := t.book(ctx, d, "msg-"+*m.MessageID); err != nil {
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

func (t *Teller) book(ctx context.Context, d deposit, key string) error {
	_, err := t.Accounts.GetEntity(ctx, d.Account, key, nil)
	if err == nil {
		return nil // booked by an earlier delivery
	}
	var re *azcore.ResponseError
	if !errors.As(err, &re) || re.StatusCode != http.StatusNotFound {
		return err
	}
	cur, err := t.Accounts.GetEntity(ctx, d.Account, "balance", nil)
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	var b balance
	if err := json.Unmarshal(cur.Value, &b); err != nil {
		return err
	}
	b.Cents += d.Cents
	booked, err := json.Marshal(mark{d.Account, key})
	if err != nil {
		return err
	}
	changed, err := json.Marshal(b)
	if err != nil {
		return err
	}
	_, err = t.Accounts.SubmitTransaction(ctx, []aztables.TransactionAction{
		{ActionType: aztables.TransactionTypeAdd, Entity: booked},
		{ActionType: aztables.TransactionTypeUpdateReplace, Entity: changed, IfMatch: &cur.ETag},
	}, nil)
	return err
}

// Package notes adds what the support staff write to the history of a case, which
// is one text property of a row.
//
// Wrong: text + note is relative to the text, and the condition on the ETag does
// not know the note. After a lost delete the history shows the note twice.
//
// Message: {"case":"c-3","author":"Mia","note":"called back"}
// Before: row cases/open/c-3 contains {"History":""}
package notes

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

type note struct {
	Case   string `json:"case"`
	Author string `json:"author"`
	Note   string `json:"note"`
}

type row struct {
	PartitionKey string
	RowKey       string
	History      string
}

// Consume handles one message after the other.
func Consume(ctx context.Context, queue *azqueue.QueueClient, cases *aztables.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		if err := handle(ctx, queue, cases, resp.Messages[0]); err != nil {
			slog.Error("note", "err", err)
		}
	}
	return ctx.Err()
}

func handle(ctx context.Context, queue *azqueue.QueueClient, cases *aztables.Client, m *azqueue.DequeuedMessage) error {
	var n note
	if err := json.Unmarshal([]byte(*m.MessageText), &n); err != nil {
		return err
	}
	if err := attach(ctx, cases, n, 3); err != nil {
		return err
	}
	_, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil)
	return err
}

func attach(ctx context.Context, cases *aztables.Client, n note, tries int) error {
	got, err := cases.GetEntity(ctx, "open", n.Case, nil)
	if err != nil {
		return err
	}
	var r row
	if err := json.Unmarshal(got.Value, &r); err != nil {
		return err
	}
	r.History = fmt.Sprintf("%s%s: %s\n", r.History, n.Author, n.Note)
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = cases.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: to.Ptr(got.ETag), UpdateMode: aztables.UpdateModeReplace}) // want `\(increment\)`
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed && tries > 1 {
		return attach(ctx, cases, n, tries-1)
	}
	return err
}

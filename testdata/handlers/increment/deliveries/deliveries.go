// Package deliveries renders invoices, and counts in a row of its own how often
// each message was delivered, for the operators to see.
//
// Right: the counter belongs to one message and counts deliveries on purpose; no
// decision hangs on it. The invoice is a function of the message, under a name
// from the message.
//
// Message: {"invoice":"i-1","text":"one mug"}
// Before: container invoices exists
package deliveries

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
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Renderer renders invoices.
type Renderer struct {
	Queue    *azqueue.QueueClient
	Blobs    *azblob.Client
	Attempts *aztables.Client
}

type attempts struct {
	PartitionKey string
	RowKey       string
	Attempts     int
}

// Run renders until ctx ends.
func (r *Renderer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := r.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := r.noteAttempt(ctx, *m.MessageID); err != nil {
			return fmt.Errorf("note attempt: %w", err)
		}
		var in struct{ Invoice, Text string }
		if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
			return err
		}
		page := []byte("<h1>" + in.Invoice + "</h1><p>" + in.Text + "</p>")
		if _, err := r.Blobs.UploadBuffer(ctx, "invoices", in.Invoice+".html", page, nil); err != nil {
			return err
		}
		if _, err := r.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *Renderer) noteAttempt(ctx context.Context, id string) error {
	cur, err := r.Attempts.GetEntity(ctx, "attempts", id, nil)
	if is(err, http.StatusNotFound) {
		raw, err := json.Marshal(attempts{"attempts", id, 1})
		if err != nil {
			return err
		}
		if _, err = r.Attempts.AddEntity(ctx, raw, nil); is(err, http.StatusConflict) {
			return nil // another worker noted its attempt just now; good enough
		}
		return err
	}
	if err != nil {
		return err
	}
	var a attempts
	if err := json.Unmarshal(cur.Value, &a); err != nil {
		return err
	}
	a.Attempts++
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = r.Attempts.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &cur.ETag, UpdateMode: aztables.UpdateModeReplace})
	if is(err, http.StatusPreconditionFailed) {
		return nil
	}
	return err
}

func is(err error, status int) bool {
	var re *azcore.ResponseError
	return errors.As(err, &re) && re.StatusCode == status
}

// Package tracing stores orders, with an id of each attempt in the log and in the
// requests.
//
// Right: the ids that change from attempt to attempt are for people who search the
// logs. What is stored has its key and its content from the message.
//
// Message: {"order":"o-1","article":"tea"}
// Before: container orders exists
package tracing

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type order struct {
	Order   string `json:"order"`
	Article string `json:"article"`
}

type attempt struct {
	id    string
	start time.Time
	log   *slog.Logger
}

func begin(message string) attempt {
	id := ulid.Make().String()
	host, _ := os.Hostname() // only for the log
	return attempt{id: id, start: time.Now(), log: slog.With("attempt", id, "host", host, "message", message)}
}

func (a attempt) context(ctx context.Context) context.Context {
	return policy.WithHTTPHeader(ctx, http.Header{"X-Ms-Client-Request-Id": {a.id}})
}

func (a attempt) end(err error) {
	a.log.Info("end", "took", time.Since(a.start), "err", err)
}

// Run stores orders until ctx ends.
func Run(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		a := begin(*m.MessageID)
		err = store(a.context(ctx), blobs, *m.MessageText)
		a.end(err)
		if err != nil {
			return fmt.Errorf("attempt %s: %w", a.id, err)
		}
		if _, err := queue.DeleteMessage(a.context(context.WithoutCancel(ctx)), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("attempt %s: delete: %w", a.id, err)
		}
	}
	return ctx.Err()
}

func store(ctx context.Context, blobs *azblob.Client, text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	_, err := blobs.UploadBuffer(ctx, "orders", o.Order+".txt", []byte(o.Article), nil)
	return err
}

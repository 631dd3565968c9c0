// Package worker opens sessions.
package worker

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/sessions/tokens"
)

type issuer interface {
	Issue(ctx context.Context, user, session string) error
}

type login struct {
	User    string `json:"user"`
	Session string `json:"session"`
}

// Worker opens sessions.
type Worker struct {
	logins *azqueue.QueueClient
	tokens issuer
	pause  time.Duration
}

// New returns a Worker.
func New(logins *azqueue.QueueClient, table *aztables.Client) *Worker {
	return &Worker{logins: logins, tokens: tokens.Open(table), pause: 200 * time.Millisecond}
}

// Run opens sessions until the context is done.
func (w *Worker) Run(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := w.logins.DequeueMessage(ctx, nil)
		if err != nil {
			slog.Error("dequeue", "err", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(w.pause)
			continue
		}
		m := resp.Messages[0]
		var l login
		if err := json.Unmarshal([]byte(*m.MessageText), &l); err != nil {
			slog.Error("not a login", "message", *m.MessageID, "err", err)
			continue
		}
		if err := w.tokens.Issue(ctx, l.User, l.Session); err != nil { // want `content that differs from attempt to attempt.*\(blobwrite\)`
			slog.Error("no token", "message", *m.MessageID, "err", err)
			continue
		}
		if _, err := w.logins.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("login will come back", "message", *m.MessageID, "err", err)
		}
	}
}

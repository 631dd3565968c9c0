// Package correlation makes a document of each letter that was scanned.
//
// Wrong: the correlation id, harmless in logs, comes with the context and ends up as
// the name of the document. Each delivery has its own: after a crash between the
// upload and the delete there are two documents of the same letter.
//
// Message: {"sender":"city","pages":["dear","sir"]}
package correlation

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/lithammer/shortuuid/v4"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// scope is what belongs to the handling of one delivery.
type scope struct {
	id  string
	log *slog.Logger
}

func newScope(message string) scope {
	id := shortuuid.New()
	return scope{id: id, log: slog.With("correlation", id, "message", message)}
}

// Archive makes documents.
type Archive struct {
	Letters   *azqueue.QueueClient
	Documents *container.Client
}

// Run makes documents until ctx ends.
func (a *Archive) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := a.Letters.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		s := newScope(*m.MessageID)
		if err := a.archive(ctx, s, *m.MessageText); err != nil {
			s.log.Error("letter not archived", "err", err)
			continue
		}
		if _, err := a.Letters.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			s.log.Error("letter comes back", "err", err)
			return err
		}
		s.log.Info("archived")
	}
	return ctx.Err()
}

func (a *Archive) archive(ctx context.Context, s scope, text string) error {
	var letter struct {
		Sender string   `json:"sender"`
		Pages  []string `json:"pages"`
	}
	if err := json.Unmarshal([]byte(text), &letter); err != nil {
		return err
	}
	doc := a.Documents.NewBlockBlobClient(letter.Sender + "/" + s.id + ".txt")
	body := streaming.NopCloser(strings.NewReader(strings.Join(letter.Pages, "\f")))
	_, err := doc.Upload(ctx, body, nil) // want `\(freshkey\)`
	return err
}

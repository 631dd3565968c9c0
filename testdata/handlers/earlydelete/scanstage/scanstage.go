// Package scanstage is the middle of a pipeline: it keeps the text of a scanned page and hands the page on to
// the indexer's queue.
//
// Wrong: the page is kept before the delete, but handed on after it. A crash between the delete and the enqueue
// (or a refused enqueue) leaves a page that no index ever sees.
//
// Message: {"page":"b1-004","text":"lorem ipsum"}
package scanstage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type page struct {
	Page string `json:"page"`
	Text string `json:"text"`
}

type stage struct {
	in, out *azqueue.QueueClient
	texts   *container.Client
}

// Run moves pages along until the queue is empty.
func Run(ctx context.Context, in, out *azqueue.QueueClient, texts *container.Client) error {
	s := stage{in: in, out: out, texts: texts}
	for {
		r, err := in.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
		if err != nil {
			return err
		}
		if len(r.Messages) == 0 {
			return nil
		}
		if err := s.page(ctx, r.Messages[0]); err != nil {
			return err
		}
	}
}

func (s stage) page(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var p page
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	if _, err := s.texts.NewBlockBlobClient(p.Page+".txt").UploadBuffer(ctx, []byte(p.Text), nil); err != nil {
		return fmt.Errorf("keep %s: %w", p.Page, err)
	}
	if _, err := s.in.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(earlydelete\)`
		return fmt.Errorf("delete %s: %w", *m.MessageID, err)
	}
	return s.forward(ctx, p.Page)
}

func (s stage) forward(ctx context.Context, name string) error {
	body, err := json.Marshal(map[string]string{"index": name})
	if err != nil {
		return err
	}
	if _, err := s.out.EnqueueMessage(ctx, string(body), nil); err != nil {
		return fmt.Errorf("hand on %s: %w", name, err)
	}
	return nil
}

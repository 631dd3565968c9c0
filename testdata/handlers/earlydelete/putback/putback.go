// Package putback converts drawings; a conversion takes longer than the author dares to hold a lease.
//
// Wrong: the message is taken off the queue first and put back when the conversion fails. That covers an error, but
// not a crash during the conversion, nor an error while putting back: the drawing is lost.
//
// Message: {"drawing":"d-6","format":"svg"}
package putback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Converter converts.
type Converter struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// New returns a Converter.
func New(queue *azqueue.QueueClient, blobs *azblob.Client) *Converter {
	return &Converter{queue: queue, blobs: blobs}
}

// Next converts the next drawing.
func (c *Converter) Next(ctx context.Context) error {
	r, err := c.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	// Longer than any lease: take it off now, put it back if need be.
	if _, err := c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(earlydelete\)`
		return err
	}
	if err := c.convert(ctx, *m.MessageText); err != nil {
		if _, qerr := c.queue.EnqueueMessage(ctx, *m.MessageText, nil); qerr != nil {
			return errors.Join(err, fmt.Errorf("put back: %w", qerr))
		}
		return err
	}
	return nil
}

func (c *Converter) convert(ctx context.Context, text string) error {
	var job struct{ Drawing, Format string }
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	out := fmt.Appendf(nil, "<%s>%s</%s>", job.Format, job.Drawing, job.Format)
	_, err := c.blobs.UploadBuffer(ctx, "converted", job.Drawing+"."+job.Format, out, nil)
	return err
}

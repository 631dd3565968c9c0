// Package popper renders certificates from a queue that is dressed up as a stack with Pop.
//
// Wrong: Pop deletes before it returns, so the caller holds the only copy while it works; a crash before the
// upload, or an upload that fails, loses the certificate.
//
// Message: {"student":"s-12","course":"go"}
package popper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var errEmpty = errors.New("queue is empty")

// Jobs is where work comes from.
type Jobs interface {
	Pop(ctx context.Context) (string, error)
}

type storageJobs struct {
	queue *azqueue.QueueClient
	lease int32
}

func (j storageJobs) Pop(ctx context.Context) (string, error) {
	r, err := j.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(j.lease)})
	if err != nil {
		return "", err
	}
	if len(r.Messages) == 0 {
		return "", errEmpty
	}
	m := r.Messages[0]
	if _, err := j.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // miss `\(earlydelete\)`
		return "", err
	}
	return *m.MessageText, nil
}

// Printer prints what it pops.
type Printer struct {
	jobs  Jobs
	blobs *azblob.Client
}

// NewPrinter prints jobs from queue into blobs.
func NewPrinter(queue *azqueue.QueueClient, blobs *azblob.Client) *Printer {
	return &Printer{jobs: storageJobs{queue: queue, lease: 30}, blobs: blobs}
}

// PrintAll goes on until there is nothing to print.
func (p *Printer) PrintAll(ctx context.Context) error {
	for {
		text, err := p.jobs.Pop(ctx)
		if errors.Is(err, errEmpty) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("pop: %w", err)
		}
		var job struct{ Student, Course string }
		if err := json.Unmarshal([]byte(text), &job); err != nil {
			return fmt.Errorf("job %q: %w", text, err)
		}
		sheet := fmt.Appendf(nil, "This certifies that %s has passed %s.\n", job.Student, job.Course)
		if _, err := p.blobs.UploadBuffer(ctx, "certificates", job.Course+"/"+job.Student, sheet, nil); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
}

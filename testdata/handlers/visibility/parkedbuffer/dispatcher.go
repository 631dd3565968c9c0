// Package thumbnails has four workers behind a channel of a hundred places; a message's lease of 30 s runs while
// it waits there.
package thumbnails

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	workers = 4
	backlog = 100
)

// Dispatcher is the service.
type Dispatcher struct {
	queue  *azqueue.QueueClient
	images *azblob.Client
	jobs   chan *azqueue.DequeuedMessage
}

// New makes the backlog.
func New(queue *azqueue.QueueClient, images *azblob.Client) *Dispatcher {
	return &Dispatcher{queue: queue, images: images, jobs: make(chan *azqueue.DequeuedMessage, backlog)}
}

// Run blocks until the context ends.
func (d *Dispatcher) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for range workers {
		wg.Add(1)
		go d.worker(ctx, &wg)
	}
	for ctx.Err() == nil {
		page, err := d.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32)), VisibilityTimeout: to.Ptr(int32(30))})
		if err != nil || len(page.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		for _, job := range page.Messages {
			d.jobs <- job // want `parked.*\(visibility\)`
		}
	}
	close(d.jobs)
	wg.Wait()
}

func (d *Dispatcher) worker(ctx context.Context, wg *sync.WaitGroup) {
	defer wg.Done()
	for job := range d.jobs {
		if _, err := d.images.UploadBuffer(ctx, "thumbnails", *job.MessageID, []byte(*job.MessageText), nil); err != nil {
			slog.Error("thumbnail", "id", *job.MessageID, "delivery", *job.DequeueCount, "err", err)
			continue
		}
		if _, err := d.queue.DeleteMessage(ctx, *job.MessageID, *job.PopReceipt, nil); err != nil {
			slog.Error("delete", "id", *job.MessageID, "err", err)
		}
	}
}

// Package retention moves documents into their retention class; a pool of workers reads an unbuffered channel.
package retention

import (
	"context"
	"encoding/json"
	"log"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type task struct {
	msg   *azqueue.DequeuedMessage
	class string
	doc   json.RawMessage
}

// Pool holds what the workers share.
type Pool struct {
	Inbox   *azqueue.QueueClient
	Hot     *container.Client
	Archive *container.Client
	Workers int
}

// Start blocks until the context ends and the workers are through.
func (p *Pool) Start(ctx context.Context) {
	tasks := make(chan task)
	var group sync.WaitGroup
	for range p.Workers {
		group.Add(1)
		go func() {
			defer group.Done()
			p.work(ctx, tasks)
		}()
	}
	p.feed(ctx, tasks)
	close(tasks)
	group.Wait()
}

func (p *Pool) feed(ctx context.Context, tasks chan<- task) {
	for ctx.Err() == nil {
		in, err := p.Inbox.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(300))})
		if err != nil {
			log.Println("retention: receive:", err)
			continue
		}
		for _, m := range in.Messages {
			t := task{msg: m}
			var envelope struct {
				Class string
				Doc   json.RawMessage
			}
			if err := json.Unmarshal([]byte(*m.MessageText), &envelope); err != nil {
				log.Println("retention: envelope:", err)
				continue
			}
			t.class, t.doc = envelope.Class, envelope.Doc
			tasks <- t
		}
	}
}

func (p *Pool) work(ctx context.Context, tasks <-chan task) {
	for t := range tasks {
		id := *t.msg.MessageID
		if t.class == "archive" {
			if _, err := p.Archive.NewBlockBlobClient(id).UploadBuffer(ctx, t.doc, nil); err != nil {
				log.Println("retention: archive:", err)
				continue
			}
			log.Println("retention: archived", id)
			continue // want `work succeeded.*unsettled.*\(missingdelete\)`
		}
		if _, err := p.Hot.NewBlockBlobClient(id).UploadBuffer(ctx, t.doc, nil); err != nil {
			log.Println("retention: hot:", err)
			continue
		}
		if _, err := p.Inbox.DeleteMessage(ctx, id, *t.msg.PopReceipt, nil); err != nil {
			log.Println("retention: delete:", err)
		}
	}
}

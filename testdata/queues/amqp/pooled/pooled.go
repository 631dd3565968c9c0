// Package pooled has workers that take deliveries from a channel of the process and
// settle them when they are done: nothing is settled before.
package pooled

import (
	"context"
	"log"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/streadway/amqp"
)

type task struct {
	delivery amqp.Delivery
	done     func(error)
}

type Pool struct {
	tasks chan task
	blobs *azblob.Client
	wg    sync.WaitGroup
}

func Start(ctx context.Context, n int, blobs *azblob.Client) *Pool {
	p := &Pool{tasks: make(chan task), blobs: blobs}
	p.wg.Add(n)
	for range n {
		go p.work(ctx)
	}
	return p
}

func (p *Pool) Feed(deliveries <-chan amqp.Delivery) {
	for d := range deliveries {
		p.tasks <- task{delivery: d, done: func(err error) {
			if err != nil {
				d.Reject(true)
				return
			}
			d.Ack(false)
		}}
	}
	close(p.tasks)
	p.wg.Wait()
}

func (p *Pool) work(ctx context.Context) {
	defer p.wg.Done()
	for t := range p.tasks {
		_, err := p.blobs.UploadBuffer(ctx, "tasks", t.delivery.MessageId, t.delivery.Body, nil)
		if err != nil {
			log.Printf("task %s: %v", t.delivery.MessageId, err)
		}
		t.done(err)
	}
}

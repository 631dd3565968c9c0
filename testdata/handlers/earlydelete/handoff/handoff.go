// Package handoff feeds a pool of workers that store signed contracts.
//
// Wrong: the receiver deletes the message once it has put the contract into the pool's channel. What waits in the
// channel (or is in a worker's hands) at a crash is in no queue any more.
//
// Message: {"contract":"c-9","signature":"ab12"}
package handoff

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const archive = "contracts"

type contract struct {
	Contract  string `json:"contract"`
	Signature string `json:"signature"`
}

// Pool is fed by Receive.
type Pool struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	work  chan contract
	wg    sync.WaitGroup
}

// NewPool starts n workers.
func NewPool(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, n int) *Pool {
	p := &Pool{queue: queue, blobs: blobs, work: make(chan contract, 64)}
	for range n {
		p.wg.Go(func() {
			for c := range p.work {
				if err := p.store(ctx, c); err != nil {
					log.Printf("contract %s: %v", c.Contract, err)
				}
			}
		})
	}
	return p
}

// Receive feeds the pool until the queue is empty, then waits for the workers.
func (p *Pool) Receive(ctx context.Context) error {
	defer p.wg.Wait()
	defer close(p.work)
	for {
		r, err := p.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		if len(r.Messages) == 0 {
			return nil
		}
		m := r.Messages[0]
		var c contract
		if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		p.work <- c
		if _, err := p.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(earlydelete\)`
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
}

func (p *Pool) store(ctx context.Context, c contract) error {
	_, err := p.blobs.UploadBuffer(ctx, archive, c.Contract+".sig", []byte(c.Signature), nil)
	return err
}

// Package stamps prints stamps with a few workers.
//
// Right: the channel has no buffer. A message is received when the one before has found a worker; none waits in a
// queue within the process while its lease runs, and a stamp takes five seconds at most.
package stamps

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type job struct{ id, receipt, text string }

// Office prints.
type Office struct {
	in      *azqueue.QueueClient
	printer string
	client  *http.Client
}

// NewOffice makes the printer's client.
func NewOffice(in *azqueue.QueueClient, printer string) *Office {
	return &Office{in: in, printer: printer, client: &http.Client{Timeout: 5 * time.Second}}
}

// Run feeds n workers.
func (o *Office) Run(ctx context.Context, n int) {
	jobs := make(chan job)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for j := range jobs {
				if err := o.print(ctx, j); err != nil {
					log.Printf("stamp %s: %v", j.id, err)
				}
			}
		})
	}
	for ctx.Err() == nil {
		r, err := o.in.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil || len(r.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := r.Messages[0]
		jobs <- job{id: *m.MessageID, receipt: *m.PopReceipt, text: *m.MessageText}
	}
	close(jobs)
	wg.Wait()
}

func (o *Office) print(ctx context.Context, j job) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, o.printer+"/stamps/"+j.id, strings.NewReader(j.text))
	if err != nil {
		return err
	}
	resp, err := o.client.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("printer: %s", resp.Status)
	}
	_, err = o.in.DeleteMessage(ctx, j.id, j.receipt, nil)
	return err
}

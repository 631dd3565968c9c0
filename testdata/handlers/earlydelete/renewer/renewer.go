// Package renewer has genomes sequenced by a service that may take minutes.
//
// Right: the goroutine that is started before the work and not waited for by it is no work: it renews the lease. It
// is stopped, and waited for, before the delete, which uses the receipt of the last renewal.
//
// Message: {"genome":"g-2","reads":4}
package renewer

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Sequencer sequences.
type Sequencer struct {
	Queue *azqueue.QueueClient
	HTTP  *http.Client
	Lab   string
}

// Sequence sequences the next genome.
func (s *Sequencer) Sequence(ctx context.Context) error {
	r, err := s.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]

	work, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	stop, receipt := make(chan struct{}), make(chan string, 1)
	go func() { receipt <- s.renew(work, cancel, stop, m) }()

	err = s.lab(work, *m.MessageID, *m.MessageText)
	close(stop)
	last := <-receipt
	if err != nil {
		return fmt.Errorf("genome %s: %w", *m.MessageID, err)
	}
	if _, err := s.Queue.DeleteMessage(ctx, *m.MessageID, last, nil); err != nil {
		return fmt.Errorf("delete %s: %w", *m.MessageID, err)
	}
	return nil
}

// renew keeps the message hidden until stop is closed and returns the newest receipt.
func (s *Sequencer) renew(ctx context.Context, lost context.CancelFunc, stop <-chan struct{}, m *azqueue.DequeuedMessage) string {
	tick := time.NewTicker(20 * time.Second)
	defer tick.Stop()
	receipt := *m.PopReceipt
	for {
		select {
		case <-stop:
			return receipt
		case <-ctx.Done():
			return receipt
		case <-tick.C:
			u, err := s.Queue.UpdateMessage(ctx, *m.MessageID, receipt, *m.MessageText, &azqueue.UpdateMessageOptions{
				VisibilityTimeout: to.Ptr(int32(60)),
			})
			if err != nil {
				lost()
				return receipt
			}
			receipt = *u.PopReceipt
		}
	}
}

func (s *Sequencer) lab(ctx context.Context, id, order string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, s.Lab+"/genomes/"+id, strings.NewReader(order))
	if err != nil {
		return err
	}
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("lab: %s", resp.Status)
	}
	return nil
}

// Package numbers ports phone numbers, sixteen at a time, one after the other, on one lease of 30 s.
package numbers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Porter ports.
type Porter struct {
	queue   *azqueue.QueueClient
	carrier string
	http    *http.Client
}

// NewPorter gives the carrier five seconds a number.
func NewPorter(queue *azqueue.QueueClient, carrier string) *Porter {
	return &Porter{queue, carrier, &http.Client{Timeout: 5 * time.Second}}
}

// Batch ports what one receive returns.
func (p *Porter) Batch(ctx context.Context) error {
	in, err := p.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(16)),
		VisibilityTimeout: to.Ptr(int32(30)),
	})
	if err != nil {
		return err
	}
	for _, m := range in.Messages {
		if err := p.port(ctx, m); err != nil {
			slog.Warn("port", "number", *m.MessageText, "delivery", *m.DequeueCount, "err", err)
			continue
		}
		if _, err := p.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Warn("delete", "number", *m.MessageText, "err", err)
		}
	}
	return nil
}

func (p *Porter) port(ctx context.Context, m *azqueue.DequeuedMessage) error {
	url := p.carrier + "/portings/" + *m.MessageID
	req, err := http.NewRequestWithContext(ctx, "PUT", url, strings.NewReader(*m.MessageText))
	if err != nil {
		return err
	}
	answer, err := p.http.Do(req) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("carrier: %s", answer.Status)
	}
	return nil
}

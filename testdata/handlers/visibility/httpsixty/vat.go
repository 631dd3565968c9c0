// Package vat registers VAT numbers with the tax office. The receive names no lease, so that it is 30 s.
package vat

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var office = &http.Client{Timeout: 60 * time.Second}

// Register handles one number after the other.
func Register(ctx context.Context, numbers *azqueue.QueueClient, base string) error {
	for {
		resp, err := numbers.DequeueMessage(ctx, nil)
		if err != nil {
			return fmt.Errorf("dequeue: %w", err)
		}
		if len(resp.Messages) == 0 {
			return nil
		}
		m := resp.Messages[0]
		if err := put(ctx, base, *m.MessageID, *m.MessageText); err != nil {
			slog.ErrorContext(ctx, "vat", "err", err, "delivery", *m.DequeueCount)
			continue
		}
		if _, err := numbers.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
}

func put(ctx context.Context, base, id, number string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, base+"/numbers/"+id, strings.NewReader(number))
	if err != nil {
		return err
	}
	resp, err := office.Do(req) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("tax office says %s", resp.Status)
	}
	return nil
}

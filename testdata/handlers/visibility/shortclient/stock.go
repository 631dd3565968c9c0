// Package stock reports stock to the shop.
//
// Right: the lease is the default of 30 s, the shop's client gives up after ten.
package stock

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const shopTimeout = 10 * time.Second

// Reporter reports.
type Reporter struct {
	Levels *azqueue.QueueClient
	Shop   string
	Client *http.Client
	Errors *log.Logger
}

// Default is how main makes a reporter.
func Default(levels *azqueue.QueueClient, shop string) *Reporter {
	return &Reporter{Levels: levels, Shop: shop, Client: &http.Client{Timeout: shopTimeout}, Errors: log.Default()}
}

// Drain reports until nothing is left.
func (r *Reporter) Drain(ctx context.Context) {
	for {
		got, err := r.Levels.DequeueMessage(ctx, nil)
		if err != nil {
			r.Errors.Print(err)
			return
		}
		if len(got.Messages) == 0 {
			return
		}
		level := got.Messages[0]
		if err := r.report(ctx, *level.MessageID, *level.MessageText); err != nil {
			r.Errors.Printf("level %s, delivery %d: %v", *level.MessageID, *level.DequeueCount, err)
			continue
		}
		if _, err := r.Levels.DeleteMessage(ctx, *level.MessageID, *level.PopReceipt, nil); err != nil {
			r.Errors.Print(err)
		}
	}
}

func (r *Reporter) report(ctx context.Context, id, level string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, r.Shop+"/levels/"+id, strings.NewReader(level))
	if err != nil {
		return err
	}
	resp, err := r.Client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("shop: %s", resp.Status)
	}
	return nil
}

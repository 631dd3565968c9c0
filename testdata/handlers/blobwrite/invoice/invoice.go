// Package invoice prices a metered month with the tariff that is current when
// the attempt runs. If the tariff changes before a message comes back, the
// invoice that the customer already has is overwritten with another amount.
package invoice

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const currentTariff = "tariffs/current.json"

type metered struct {
	Invoice  string `json:"invoice"`
	Customer string `json:"customer"`
	KWh      int64  `json:"kwh"`
}

type tariff struct {
	CentsPerKWh int64 `json:"centsPerKWh"`
}

// Billing is a process.
type Billing func(ctx context.Context) error

// New returns a process that writes invoices.
func New(meters *azqueue.QueueClient, billing *container.Client, warn func(string, ...any)) Billing {
	tariffOf := func(ctx context.Context) (t tariff, err error) {
		buf := make([]byte, 4096)
		n, err := billing.NewBlobClient(currentTariff).DownloadBuffer(ctx, buf, nil)
		if err != nil {
			return t, fmt.Errorf("tariff: %w", err)
		}
		return t, json.Unmarshal(buf[:n], &t)
	}
	write := func(ctx context.Context, mt metered, cents int64) error {
		doc := fmt.Sprintf("{\"invoice\":%q,\"customer\":%q,\"cents\":%d}\n", mt.Invoice, mt.Customer, cents)
		blob := billing.NewBlockBlobClient("invoices/" + mt.Invoice + ".json")
		_, err := blob.UploadBuffer(ctx, []byte(doc), nil) // want `content that differs from attempt to attempt.*\(blobwrite\)`
		return err
	}
	bill := func(ctx context.Context, text string) error {
		var mt metered
		if err := json.Unmarshal([]byte(text), &mt); err != nil {
			return err
		}
		t, err := tariffOf(ctx)
		if err != nil {
			return err
		}
		return write(ctx, mt, mt.KWh*t.CentsPerKWh)
	}
	return func(ctx context.Context) error {
		for {
			resp, err := meters.DequeueMessage(ctx, nil)
			if err != nil {
				return err
			}
			if len(resp.Messages) == 0 {
				time.Sleep(10 * time.Second)
				continue
			}
			m := resp.Messages[0]
			if err := bill(ctx, *m.MessageText); err != nil {
				warn("invoice %s: %v", *m.MessageID, err)
				continue
			}
			if _, err := meters.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				warn("invoice %s: delete: %v", *m.MessageID, err)
			}
		}
	}
}

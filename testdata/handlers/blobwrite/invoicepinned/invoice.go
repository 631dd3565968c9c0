// Package invoice prices a metered month.
//
// Right although it reads a tariff: the message names the tariff's version, and
// a published version never changes. Each attempt computes the same invoice.
package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type metered struct {
	Invoice       string `json:"invoice"`
	KWh           int64  `json:"kwh"`
	TariffVersion int    `json:"tariffVersion"`
}

type tariff struct {
	CentsPerKWh int64 `json:"centsPerKWh"`
}

type biller struct {
	blobs     *azblob.Client
	container string
}

// Work bills until the queue is empty.
func Work(ctx context.Context, meters *azqueue.QueueClient, blobs *azblob.Client) error {
	b := biller{blobs, "billing"}
	fail := func(m *azqueue.DequeuedMessage, err error) { log.Printf("meter %s: %v", *m.MessageID, err) }
	for {
		resp, err := meters.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			return nil
		}
		for _, m := range resp.Messages {
			if err := b.bill(ctx, *m.MessageText); err != nil {
				fail(m, err)
				continue
			}
			if _, err := meters.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				fail(m, err)
			}
		}
	}
}

func (b biller) bill(ctx context.Context, text string) error {
	var mt metered
	if err := json.Unmarshal([]byte(text), &mt); err != nil {
		return err
	}
	t, err := b.tariff(ctx, mt.TariffVersion)
	if err != nil {
		return fmt.Errorf("tariff %d: %w", mt.TariffVersion, err)
	}
	doc := fmt.Sprintf(`{"invoice":%q,"cents":%d}`, mt.Invoice, mt.KWh*t.CentsPerKWh)
	_, err = b.blobs.UploadBuffer(ctx, b.container, "invoices/"+mt.Invoice, []byte(doc), nil)
	return err
}

func (b biller) tariff(ctx context.Context, version int) (*tariff, error) {
	if version < 1 {
		return nil, errors.New("no such version")
	}
	buf := make([]byte, 4096)
	n, err := b.blobs.DownloadBuffer(ctx, b.container, fmt.Sprintf("tariffs/v%d.json", version), buf, nil)
	if err != nil {
		return nil, err
	}
	var t tariff
	return &t, json.Unmarshal(buf[:n], &t)
}

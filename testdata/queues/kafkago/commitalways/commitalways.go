// Package commitalways writes an order's invoice and commits whether it was written or not.
package commitalways

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/segmentio/kafka-go"
)

type order struct {
	Number string  `json:"number"`
	Total  float64 `json:"total"`
}

type Invoicer struct {
	Reader *kafka.Reader
	Blobs  *azblob.Client
}

func (v *Invoicer) Run(ctx context.Context) {
	for {
		m, err := v.Reader.FetchMessage(ctx)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			log.Printf("fetch: %v", err)
			continue
		}
		if err := v.invoice(ctx, m); err != nil {
			log.Printf("invoice at offset %d: %v", m.Offset, err)
		}
		if err := v.Reader.CommitMessages(ctx, m); err != nil { // want `settled although .* failed.*\(deleteonerror\)`
			log.Printf("commit: %v", err)
		}
	}
}

func (v *Invoicer) invoice(ctx context.Context, m kafka.Message) error {
	var o order
	if err := json.Unmarshal(m.Value, &o); err != nil {
		return nil // not an order: nothing to invoice
	}
	text, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return err
	}
	_, err = v.Blobs.UploadBuffer(ctx, "invoices", o.Number+".json", text, nil)
	return err
}

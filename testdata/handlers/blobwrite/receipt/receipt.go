// Package receipt files the receipt of a purchase.
//
// Right although the content names the time of writing and so differs from
// attempt to attempt: the stamp says when the file was written, nothing decides
// on it. Name and all the rest come from the message.
package receipt

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type purchase struct {
	Order string `json:"order"`
	Shop  string `json:"shop"`
	Total int64  `json:"total"`
}

type document struct {
	purchase
	UpdatedAt time.Time `json:"updatedAt"`
}

// Filer files receipts.
type Filer struct {
	purchases *azqueue.QueueClient
	archive   *azblob.Client
	logger    *slog.Logger
}

// NewFiler returns a Filer.
func NewFiler(purchases *azqueue.QueueClient, archive *azblob.Client) *Filer {
	return &Filer{purchases: purchases, archive: archive, logger: slog.Default().With("component", "receipt")}
}

// FileNext files at most one receipt.
func (f *Filer) FileNext(ctx context.Context) error {
	resp, err := f.purchases.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		p, err := decode(m)
		if err != nil {
			return err
		}
		if err := f.file(ctx, p); err != nil {
			return fmt.Errorf("receipt %s: %w", p.Order, err)
		}
		f.logger.InfoContext(ctx, "filed", "order", p.Order)
		if _, err := f.purchases.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("receipt %s: delete: %w", p.Order, err)
		}
	}
	return nil
}

func decode(m *azqueue.DequeuedMessage) (p purchase, err error) {
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return p, fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	return p, nil
}

func (f *Filer) file(ctx context.Context, p purchase) error {
	r, w := io.Pipe()
	go func() {
		w.CloseWithError(json.NewEncoder(w).Encode(document{purchase: p, UpdatedAt: time.Now().UTC()}))
	}()
	name := fmt.Sprintf("%s/%s.json", p.Shop, p.Order)
	_, err := f.archive.UploadStream(ctx, "receipts", name, r, &azblob.UploadStreamOptions{Concurrency: 1})
	if err != nil {
		r.CloseWithError(err)
	}
	return err
}

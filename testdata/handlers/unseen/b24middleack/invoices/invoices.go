// Package invoices archives invoices that arrive over the house's bus.
//
// Right: the handler settles nothing and returns early here and there, but the outermost middleware settles by its error.
package invoices

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b24middleack/bus"
)

type archive struct {
	blobs  *azblob.Client
	tenant string
}

type invoice struct {
	Tenant string `json:"tenant"`
	Number string `json:"number"`
	Draft  bool   `json:"draft"`
	XML    string `json:"xml"`
}

// Serve archives until the context is done.
func Serve(ctx context.Context, queue, dead *azqueue.QueueClient, blobs *azblob.Client, tenant string) error {
	a := &archive{blobs: blobs, tenant: tenant}
	c := &bus.Consumer{Queue: queue, Dead: dead, Poll: 2 * time.Second}
	return c.Consume(ctx, bus.Chain(a.handle, bus.Settle, bus.Log(slog.Default())))
}

func (a *archive) handle(ctx context.Context, m *bus.Message) error {
	var inv invoice
	if err := json.Unmarshal(m.Body, &inv); err != nil {
		return bus.Permanent(fmt.Errorf("invoice: %w", err))
	}
	switch {
	case inv.Tenant != a.tenant:
		return nil // another tenant's worker has a copy
	case inv.Draft:
		_, err := a.blobs.UploadBuffer(ctx, "drafts", m.ID+".xml", []byte(inv.XML), nil)
		return err
	case inv.Number == "":
		return bus.Permanent(errors.New("no number"))
	}
	if err := a.keep(ctx, inv, m.ID); err != nil {
		return fmt.Errorf("invoice %s: %w", inv.Number, err)
	}
	return nil
}

func (a *archive) keep(ctx context.Context, inv invoice, id string) error {
	name := inv.Tenant + "/" + inv.Number + "/" + id + ".xml"
	_, err := a.blobs.UploadBuffer(ctx, "invoices", name, []byte(inv.XML), nil)
	return err
}

// Package halfway issues invoices: the document goes to a blob, the ledger line to the bookkeeping service.
//
// Wrong: finish() is called when the document is stored, two helpers above the last effect; a crash after its
// delete leaves an invoice that was never booked, and no message that would have it booked.
//
// Message: {"invoice":"inv-2024-31","customer":"cu-4","cents":9900}
package halfway

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Issuer issues invoices.
type Issuer struct {
	Queue     *azqueue.QueueClient
	Documents *container.Client
	HTTP      *http.Client
	Ledger    string
}

type invoice struct {
	Invoice  string `json:"invoice"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// IssueOne issues the next invoice, if there is one.
func (i *Issuer) IssueOne(ctx context.Context) error {
	r, err := i.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	msg := r.Messages[0]
	var inv invoice
	if err := json.Unmarshal([]byte(*msg.MessageText), &inv); err != nil {
		return fmt.Errorf("message %s: %w", *msg.MessageID, err)
	}
	if err := i.document(ctx, inv); err != nil {
		return err
	}
	if err := i.finish(ctx, msg, inv); err != nil {
		return err
	}
	return i.book(ctx, inv)
}

func (i *Issuer) document(ctx context.Context, inv invoice) error {
	text := fmt.Sprintf("Invoice %s for %s: %d.%02d\n", inv.Invoice, inv.Customer, inv.Cents/100, inv.Cents%100)
	_, err := i.Documents.NewBlockBlobClient(inv.Invoice+".txt").UploadBuffer(ctx, []byte(text), nil)
	return err
}

func (i *Issuer) finish(ctx context.Context, msg *azqueue.DequeuedMessage, inv invoice) error {
	defer slog.Info("issued", "invoice", inv.Invoice, "deliveries", *msg.DequeueCount)
	return i.remove(ctx, *msg.MessageID, *msg.PopReceipt)
}

func (i *Issuer) remove(ctx context.Context, id, receipt string) error {
	_, err := i.Queue.DeleteMessage(ctx, id, receipt, nil) // want `\(earlydelete\)`
	return err
}

func (i *Issuer) book(ctx context.Context, inv invoice) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	line := fmt.Sprintf(`{"customer":%q,"cents":%d}`, inv.Customer, inv.Cents)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, i.Ledger+"/lines/"+inv.Invoice, strings.NewReader(line))
	if err != nil {
		return err
	}
	resp, err := i.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("book %s: %s", inv.Invoice, resp.Status)
	}
	return nil
}

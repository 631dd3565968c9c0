// Package getorcreate writes an invoice for each order, under a number that is drawn
// at random.
//
// Right although the number is drawn in the window: it counts only if the row of the
// order could be inserted with it. If the row is there, the number in the row is
// taken, so that every attempt writes the same invoice to the same name.
//
// Message: {"order":"o-1","cents":1999}
// Before: container invoices exists
package getorcreate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type order struct {
	Order string `json:"order"`
	Cents int    `json:"cents"`
}

type row struct {
	PartitionKey string
	RowKey       string
	Invoice      string
}

// Biller writes invoices.
type Biller struct {
	Orders   *azqueue.QueueClient
	Numbers  *aztables.Client
	Invoices *azblob.Client
}

// Run writes until the queue fails.
func (b *Biller) Run(ctx context.Context) error {
	for {
		resp, err := b.Orders.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var o order
		if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
			return err
		}
		if err := b.bill(ctx, o); err != nil {
			return fmt.Errorf("order %s: %w", o.Order, err)
		}
		if _, err := b.Orders.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func (b *Biller) bill(ctx context.Context, o order) error {
	number, err := b.number(ctx, o.Order)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("Invoice %s\nOrder %s: %d cents\n", number, o.Order, o.Cents)
	_, err = b.Invoices.UploadBuffer(ctx, "invoices", number+".txt", []byte(text), nil)
	return err
}

// number returns the number of the order's invoice, the same one each time.
func (b *Biller) number(ctx context.Context, order string) (string, error) {
	mine := row{PartitionKey: "numbers", RowKey: order, Invoice: "INV-" + uuid.NewString()}
	raw, err := json.Marshal(mine)
	if err != nil {
		return "", err
	}
	_, err = b.Numbers.AddEntity(ctx, raw, nil)
	if err == nil {
		return mine.Invoice, nil
	}
	var re *azcore.ResponseError
	if !errors.As(err, &re) || re.StatusCode != http.StatusConflict {
		return "", err
	}
	got, err := b.Numbers.GetEntity(ctx, "numbers", order, nil)
	if err != nil {
		return "", err
	}
	var first row
	err = json.Unmarshal(got.Value, &first)
	return first.Invoice, err
}

// Package readback gives each new customer a coupon with a random code.
//
// Right: the code that is drawn is kept in the customer's row, create-only, and
// whatever the row says afterwards is the code, whoever drew it. The row under the
// code itself is create-only too, and its being there means done.
//
// Message: {"customer":"c-1"}
package readback

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type entity map[string]string

type coupons struct{ table *aztables.Client }

// create inserts e unless there is a row with its keys.
func (c coupons) create(ctx context.Context, e entity) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = c.table.AddEntity(ctx, raw, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
		return nil
	}
	return err
}

func (c coupons) codeOf(ctx context.Context, customer string) (string, error) {
	err := c.create(ctx, entity{"PartitionKey": "customers", "RowKey": customer, "Code": rand.Text()})
	if err != nil {
		return "", err
	}
	got, err := c.table.GetEntity(ctx, "customers", customer, nil)
	if err != nil {
		return "", err
	}
	var row struct{ Code string }
	err = json.Unmarshal(got.Value, &row)
	return row.Code, err
}

// Run gives coupons until the queue fails.
func Run(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	c := coupons{table}
	for {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var in struct{ Customer string }
		if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
			return err
		}
		code, err := c.codeOf(ctx, in.Customer)
		if err != nil {
			return fmt.Errorf("customer %s: %w", in.Customer, err)
		}
		if err := c.create(ctx, entity{"PartitionKey": "codes", "RowKey": code, "Customer": in.Customer}); err != nil {
			return fmt.Errorf("customer %s: %w", in.Customer, err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

// Package outbox orders letters from a print shop.
//
// Right: the PUT to the print shop comes after the delete, but the letter is in the outbox table by then, and every
// round begins with sending what the outbox holds. The print shop knows the letters by their ids.
//
// Message: {"letter":"l-88","text":"Dear Sir"}
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Clerk orders letters.
type Clerk struct {
	Letters *azqueue.QueueClient
	Outbox  *aztables.Client
	HTTP    *http.Client
	Shop    string
}

type letter struct {
	PartitionKey string `json:"PartitionKey"`
	RowKey       string `json:"RowKey"`
	Text         string `json:"Text"`
}

// Round sends what is in the outbox, takes one letter, and sends again.
func (c *Clerk) Round(ctx context.Context) error {
	if err := c.send(ctx); err != nil {
		return err
	}
	r, err := c.Letters.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var in struct{ Letter, Text string }
	if err := json.Unmarshal([]byte(*m.MessageText), &in); err != nil {
		return fmt.Errorf("letter %s: %w", *m.MessageID, err)
	}
	row, err := json.Marshal(letter{PartitionKey: "letters", RowKey: in.Letter, Text: in.Text})
	if err != nil {
		return err
	}
	if _, err := c.Outbox.UpsertEntity(ctx, row, nil); err != nil {
		return fmt.Errorf("outbox %s: %w", in.Letter, err)
	}
	if _, err := c.Letters.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		return err
	}
	return c.send(ctx)
}

// send empties the outbox.
func (c *Clerk) send(ctx context.Context) error {
	pager := c.Outbox.NewListEntitiesPager(&aztables.ListEntitiesOptions{Filter: to.Ptr("PartitionKey eq 'letters'")})
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		for _, raw := range page.Entities {
			var l letter
			if err := json.Unmarshal(raw, &l); err != nil {
				return err
			}
			if err := c.order(ctx, l); err != nil {
				return fmt.Errorf("order %s: %w", l.RowKey, err)
			}
			var gone *azcore.ResponseError
			_, err := c.Outbox.DeleteEntity(ctx, l.PartitionKey, l.RowKey, nil)
			if err != nil && !(errors.As(err, &gone) && gone.StatusCode == http.StatusNotFound) {
				return err
			}
		}
	}
	return nil
}

func (c *Clerk) order(ctx context.Context, l letter) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, c.Shop+"/letters/"+l.RowKey, strings.NewReader(l.Text))
	if err != nil {
		return err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("print shop: %s", resp.Status)
	}
	return nil
}

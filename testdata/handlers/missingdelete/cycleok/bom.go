// Package bom explodes bills of material; parts contain parts.
//
// Right: the two functions that call each other return early with nil at the leaves, which settles nothing;
// their caller deletes once the whole tree is written.
package bom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type part struct {
	No    string `json:"no"`
	Parts []part `json:"parts,omitempty"`
}

type exploder struct {
	ctx   context.Context
	rows  *aztables.Client
	order string
}

var errDeep = errors.New("bill of material nests too deep")

// Explode handles one bill.
func Explode(ctx context.Context, bills *azqueue.QueueClient, rows *aztables.Client) (err error) {
	resp, err := bills.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(1800))})
	if err != nil {
		return fmt.Errorf("bom: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var root part
	if err = json.Unmarshal([]byte(*msg.MessageText), &root); err != nil {
		return fmt.Errorf("bom: %w", err)
	}
	ex := exploder{ctx: ctx, rows: rows, order: *msg.MessageID}
	if err = ex.part(root, "", 0); err != nil {
		return fmt.Errorf("bom: delivery %d: %w", *msg.DequeueCount, err)
	}
	_, err = bills.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

func (ex exploder) part(p part, above string, depth int) error {
	if depth > 20 {
		return errDeep
	}
	key := above + "-" + p.No
	row, err := json.Marshal(map[string]any{"PartitionKey": ex.order, "RowKey": key, "Depth": depth})
	if err != nil {
		return err
	}
	if _, err := ex.rows.UpsertEntity(ex.ctx, row, nil); err != nil {
		return err
	}
	if len(p.Parts) == 0 {
		return nil
	}
	return ex.each(p.Parts, key, depth+1)
}

func (ex exploder) each(parts []part, above string, depth int) error {
	for _, p := range parts {
		if err := ex.part(p, above, depth); err != nil {
			return err
		}
	}
	return nil
}

// Package tablestore keeps stock in Azure Tables.
package tablestore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

const partition = "stock"

// Row is one article's stock.
type Row struct {
	PartitionKey string
	RowKey       string
	OnHand       int
	Reserved     string
}

// Store is a stock table.
type Store struct{ client *aztables.Client }

// New returns a Store.
func New(client *aztables.Client) *Store { return &Store{client: client} }

// Reserve books qty of sku for order, once.
func (s *Store) Reserve(ctx context.Context, sku, order string, qty int) error {
	row, err := s.load(ctx, sku)
	if err != nil {
		return err
	}
	held := map[string]int{}
	if row.Reserved != "" {
		if err := json.Unmarshal([]byte(row.Reserved), &held); err != nil {
			return fmt.Errorf("row %s: %w", sku, err)
		}
	}
	if _, ok := held[order]; ok {
		return nil
	}
	if row.OnHand < qty {
		return fmt.Errorf("%s: %d on hand, %d wanted", sku, row.OnHand, qty)
	}
	row.OnHand -= qty
	held[order] = qty
	return s.save(ctx, row, held)
}

func (s *Store) load(ctx context.Context, sku string) (*Row, error) {
	resp, err := s.client.GetEntity(ctx, partition, sku, nil)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", sku, err)
	}
	row := new(Row)
	if err := json.Unmarshal(resp.Value, row); err != nil {
		return nil, err
	}
	return row, nil
}

func (s *Store) save(ctx context.Context, row *Row, held map[string]int) error {
	list, err := json.Marshal(held)
	if err != nil {
		return err
	}
	row.Reserved = string(list)
	raw, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = s.client.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	return err
}

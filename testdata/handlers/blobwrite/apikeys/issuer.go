// Package apikeys issues an API key for each order of one. The second attempt at
// the same order issues another key, and the one already handed out is void.
package apikeys

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Config is read from the environment by the caller.
type Config struct {
	Connection string
	Queue      string
	Table      string
	KeyBytes   int
}

// Issuer issues keys.
type Issuer struct {
	orders *azqueue.QueueClient
	keys   *aztables.Client
	size   int
}

// New dials.
func New(cfg Config) (*Issuer, error) {
	orders, err1 := azqueue.NewQueueClientFromConnectionString(cfg.Connection, cfg.Queue, nil)
	svc, err2 := aztables.NewServiceClientFromConnectionString(cfg.Connection, nil)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("apikeys: %w", err)
	}
	return &Issuer{orders: orders, keys: svc.NewClient(cfg.Table), size: cfg.KeyBytes}, nil
}

type order struct {
	Number   string `json:"number"`
	Customer string `json:"customer"`
	Scope    string `json:"scope"`
}

type keyRow struct {
	aztables.Entity
	Scope string
	Key   string
}

func (i *Issuer) newKey() (string, error) {
	b := make([]byte, i.size)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// Next handles at most one order.
func (i *Issuer) Next(ctx context.Context) error {
	resp, err := i.orders.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var o order
		if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
			return fmt.Errorf("order in message %s: %w", *m.MessageID, err)
		}
		if err := i.issue(ctx, o); err != nil {
			return fmt.Errorf("order %s: %w", o.Number, err)
		}
		log.Printf("order %s: key issued", o.Number)
		if _, err := i.orders.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("order %s: delete: %w", o.Number, err)
		}
	}
	return nil
}

func (i *Issuer) issue(ctx context.Context, o order) error {
	key, err := i.newKey()
	if err != nil {
		return err
	}
	row := keyRow{Scope: o.Scope, Key: key}
	row.PartitionKey = o.Customer
	row.RowKey = o.Number
	data, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = i.keys.UpsertEntity(ctx, data, nil) // want `content that differs from attempt to attempt.*\(blobwrite\)`
	return err
}

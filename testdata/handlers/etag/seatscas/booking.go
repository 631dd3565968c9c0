// Package booking writes a seat plan and the booking of a seat in one table
// transaction.
//
// Right: the plan's action carries the ETag of the plan that was read, so the
// whole transaction fails if anybody else booked in between; the booking's row
// is keyed by the message, its unconditional replacement writes the same again.
package booking

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type request struct {
	Show  string `json:"show"`
	Seat  string `json:"seat"`
	Guest string `json:"guest"`
}

type plan struct {
	PartitionKey, RowKey string
	Seats                string
	etag                 azcore.ETag
}

func (p *plan) seats() (map[string]string, error) {
	taken := map[string]string{}
	return taken, json.Unmarshal([]byte(p.Seats), &taken)
}

func (p *plan) give(seat, id string) error {
	taken, err := p.seats()
	if err != nil {
		return err
	}
	taken[seat] = id
	b, err := json.Marshal(taken)
	p.Seats = string(b)
	return err
}

// Serve handles at most one request and reports whether there was one.
func Serve(ctx context.Context, requests *azqueue.QueueClient, shows *aztables.Client) (bool, error) {
	resp, err := requests.DequeueMessage(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("booking: %w", err)
	}
	if len(resp.Messages) == 0 {
		return false, nil
	}
	m := resp.Messages[0]
	var r request
	if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
		return true, fmt.Errorf("booking: %s: %w", *m.MessageID, err)
	}
	if err := book(ctx, shows, *m.MessageID, r); err != nil {
		return true, fmt.Errorf("booking: %s: %w", *m.MessageID, err)
	}
	if _, err := requests.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		return true, fmt.Errorf("booking: %s: %w", *m.MessageID, err)
	}
	return true, nil
}

func book(ctx context.Context, shows *aztables.Client, id string, r request) error {
	p, err := readPlan(ctx, shows, r.Show)
	if err != nil {
		return err
	}
	taken, err := p.seats()
	if err != nil {
		return err
	}
	if by := taken[r.Seat]; by != "" {
		slog.Info("seat is taken", "seat", r.Seat, "by", by, "request", id)
		return nil
	}
	if err := p.give(r.Seat, id); err != nil {
		return err
	}
	var actions []aztables.TransactionAction
	row, err := json.Marshal(p)
	if err != nil {
		return err
	}
	actions = append(actions, aztables.TransactionAction{
		ActionType: aztables.TransactionTypeUpdateReplace,
		Entity:     row,
		IfMatch:    &p.etag,
	})
	row, err = json.Marshal(map[string]string{"PartitionKey": r.Show, "RowKey": "booking-" + id, "Seat": r.Seat, "Guest": r.Guest})
	if err != nil {
		return err
	}
	actions = append(actions, aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertReplace, Entity: row})
	_, err = shows.SubmitTransaction(ctx, actions, nil)
	return err
}

func readPlan(ctx context.Context, shows *aztables.Client, show string) (*plan, error) {
	got, err := shows.GetEntity(ctx, show, "plan", nil)
	if err != nil {
		return nil, err
	}
	p := &plan{etag: got.ETag}
	return p, json.Unmarshal(got.Value, p)
}

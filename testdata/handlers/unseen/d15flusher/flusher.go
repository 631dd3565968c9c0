// Package flusher gathers measurements over several receives and writes them in one transaction, one row for each
// message. They are completed only after that.
package flusher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

const most = 50

// Flusher gathers measurements of one station.
type Flusher struct {
	rcv     *azservicebus.Receiver
	table   *aztables.Client
	station string
	pending []*azservicebus.ReceivedMessage
}

// New returns a Flusher.
func New(rcv *azservicebus.Receiver, table *aztables.Client, station string) *Flusher {
	return &Flusher{rcv: rcv, table: table, station: station}
}

// Run gathers for two seconds at a time and flushes, also when it is told to end.
func (f *Flusher) Run(ctx context.Context) error {
	for {
		err := f.gather(ctx)
		if flushed := f.flush(context.WithoutCancel(ctx)); flushed != nil {
			return errors.Join(err, flushed)
		}
		if err != nil {
			return err
		}
	}
}

func (f *Flusher) gather(parent context.Context) error {
	ctx, cancel := context.WithTimeout(parent, 2*time.Second)
	defer cancel()
	for len(f.pending) < most {
		msgs, err := f.rcv.ReceiveMessages(ctx, most-len(f.pending), nil)
		f.pending = append(f.pending, msgs...)
		if errors.Is(err, context.DeadlineExceeded) && parent.Err() == nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
	}
	return nil
}

func (f *Flusher) flush(ctx context.Context) error {
	if len(f.pending) == 0 {
		return nil
	}
	batch := f.pending
	f.pending = nil
	var actions []aztables.TransactionAction
	for _, m := range batch {
		row, err := json.Marshal(map[string]string{"PartitionKey": f.station, "RowKey": m.MessageID, "Value": string(m.Body)})
		if err != nil {
			return err
		}
		actions = append(actions, aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertReplace, Entity: row})
	}
	_, err := f.table.SubmitTransaction(ctx, actions, nil)
	for _, m := range batch {
		if err != nil {
			if e := f.rcv.AbandonMessage(ctx, m, nil); e != nil {
				return errors.Join(err, e)
			}
			continue
		}
		if e := f.rcv.CompleteMessage(ctx, m, nil); e != nil {
			return fmt.Errorf("complete %s: %w", m.MessageID, e)
		}
	}
	return err
}

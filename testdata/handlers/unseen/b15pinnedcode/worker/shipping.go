// Package worker ships orders in three steps, each of which may have been done by an earlier delivery.
//
// Right: the tracking code is random, but the first one written stays, and all later steps use the one that stayed.
package worker

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b15pinnedcode/once"
)

// Saga ships orders.
type Saga struct {
	receiver *azservicebus.Receiver
	store    *once.Store
	ledger   *aztables.Client
}

// New returns a Saga.
func New(receiver *azservicebus.Receiver, blobs *container.Client, ledger *aztables.Client) *Saga {
	return &Saga{receiver: receiver, store: &once.Store{Container: blobs}, ledger: ledger}
}

type order struct {
	Number  string   `json:"number"`
	Address string   `json:"address"`
	Items   []string `json:"items"`
}

// Run ends with the context.
func (s *Saga) Run(ctx context.Context) error {
	for {
		msgs, err := s.receiver.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, msg := range msgs {
			if err := s.ship(ctx, msg); err != nil {
				slog.Error("ship", "message", msg.MessageID, "delivery", msg.DeliveryCount, "err", err)
				if err := s.receiver.AbandonMessage(ctx, msg, nil); err != nil {
					slog.Error("abandon", "message", msg.MessageID, "err", err)
				}
				continue
			}
			cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			err := s.receiver.CompleteMessage(cctx, msg, nil)
			cancel()
			if err != nil {
				slog.Error("complete", "message", msg.MessageID, "err", err)
			}
		}
	}
}

func (s *Saga) ship(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	var o order
	if err := json.Unmarshal(msg.Body, &o); err != nil {
		return fmt.Errorf("order: %w", err)
	}
	code, err := s.store.Create(ctx, "codes/"+msg.MessageID, "text/plain", []byte(newCode()))
	if err != nil {
		return fmt.Errorf("tracking code: %w", err)
	}
	label := fmt.Appendf(nil, "%s\n%s\n%s\n", o.Number, code, o.Address)
	bc := s.store.Container.NewBlockBlobClient("labels/" + msg.MessageID + ".txt")
	if _, err := bc.UploadBuffer(ctx, label, nil); err != nil {
		return fmt.Errorf("label: %w", err)
	}
	return s.book(ctx, o, string(code))
}

func (s *Saga) book(ctx context.Context, o order, code string) error {
	entry, err := json.Marshal(map[string]any{
		"PartitionKey": o.Number,
		"RowKey":       "shipped",
		"Code":         code,
		"Items":        len(o.Items),
	})
	if err != nil {
		return err
	}
	_, err = s.ledger.AddEntity(ctx, entry, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
		slog.Info("booked before", "order", o.Number)
		return nil
	}
	return err
}

func newCode() string {
	b := make([]byte, 10)
	rand.Read(b)
	return base32.StdEncoding.EncodeToString(b)
}

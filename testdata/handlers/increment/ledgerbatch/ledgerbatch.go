// Package ledgerbatch adds the points of an order to its buyer's balance.
//
// Right although the balance is incremented: the increment is one half of a
// transactional batch whose other half creates an item under the message's id. The
// second time that item exists, the batch changes nothing, and the message is
// completed as done.
//
// Message: {"buyer":"b-1","points":30}
// Before: item points/balance in partition b-1 contains {"id":"balance","buyer":"b-1","points":0}
package ledgerbatch

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type award struct {
	Buyer  string `json:"buyer"`
	Points int64  `json:"points"`
}

type entry struct {
	ID    string `json:"id"`
	Buyer string `json:"buyer"`
}

// Service gives points for orders.
type Service struct {
	Orders *azservicebus.Receiver
	Points *azcosmos.ContainerClient
}

// Listen handles one order at a time.
func (s *Service) Listen(ctx context.Context) error {
	for {
		msgs, err := s.Orders.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := s.onOrder(ctx, m); err != nil {
				return err
			}
		}
	}
}

func (s *Service) onOrder(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := s.award(ctx, m); err != nil {
		slog.Warn("no points", "message", m.MessageID, "err", err)
		return s.Orders.AbandonMessage(settle, m, nil)
	}
	return s.Orders.CompleteMessage(settle, m, nil)
}

func (s *Service) award(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	var a award
	if err := json.Unmarshal(m.Body, &a); err != nil {
		return err
	}
	mark, err := json.Marshal(entry{ID: "order-" + m.MessageID, Buyer: a.Buyer})
	if err != nil {
		return err
	}
	var patch azcosmos.PatchOperations
	patch.AppendIncrement("/points", a.Points)
	batch := s.Points.NewTransactionalBatch(azcosmos.NewPartitionKeyString(a.Buyer))
	batch.CreateItem(mark, nil)
	batch.PatchItem("balance", patch, nil)
	resp, err := s.Points.ExecuteTransactionalBatch(ctx, batch, nil)
	if err != nil {
		return err
	}
	if resp.Success {
		return nil
	}
	if resp.OperationResults[0].StatusCode == http.StatusConflict {
		return nil // given by an earlier delivery
	}
	return fmt.Errorf("batch refused: %v", resp.OperationResults)
}

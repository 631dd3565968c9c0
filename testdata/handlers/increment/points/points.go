// Package points adds the points of an order to its buyer's document.
//
// Wrong: the increment is atomic, so no update of another worker is lost, and it
// is done once per delivery: incremented, the lock expires before the completion,
// the message is delivered again and the buyer has the points twice.
//
// Message: {"buyer":"b-1","points":30}
// Before: item buyers/b-1 contains {"id":"b-1","points":0}
package points

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type award struct {
	Buyer  string `json:"buyer"`
	Points int64  `json:"points"`
}

// Service gives points for orders.
type Service struct {
	Orders *azservicebus.Receiver
	Buyers *azcosmos.ContainerClient
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
	if err := s.award(ctx, m.Body); err != nil {
		slog.Warn("no points", "message", m.MessageID, "err", err)
		return s.Orders.AbandonMessage(settle, m, nil)
	}
	return s.Orders.CompleteMessage(settle, m, nil)
}

func (s *Service) award(ctx context.Context, body []byte) error {
	var a award
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	var patch azcosmos.PatchOperations
	patch.AppendIncrement("/points", a.Points)
	if _, err := s.Buyers.PatchItem(ctx, azcosmos.NewPartitionKeyString(a.Buyer), a.Buyer, patch, nil); err != nil { // want `\(increment\)`
		return fmt.Errorf("award %d to %s: %w", a.Points, a.Buyer, err)
	}
	return nil
}

// Package busdeadthencomplete passes complaints on to a ministry, in a loop of its own per subscription.
//
// Right: after three deliveries a complaint is copied to the clerks' queue, with the id it came with, and completed in
// the error arm; when the copy cannot be sent, or before the third delivery, it is abandoned.
//
// Message: {"complaint":"co-1","text":"noise"}
package busdeadthencomplete

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Passer passes complaints on.
type Passer struct {
	In       *azservicebus.Receiver
	Clerks   *azservicebus.Sender
	HTTP     *http.Client
	Ministry string
}

// Pass passes the next complaint on.
func (p *Passer) Pass(ctx context.Context) error {
	msgs, err := p.In.ReceiveMessages(ctx, 1, nil)
	if err != nil {
		return fmt.Errorf("complaints: %w", err)
	}
	for _, m := range msgs {
		if err := p.put(ctx, m); err != nil {
			slog.Error("not passed on", "id", m.MessageID, "delivery", m.DeliveryCount, "err", err)
			if !p.toClerks(ctx, m) {
				return p.In.AbandonMessage(ctx, m, nil)
			}
		}
		if err := p.In.CompleteMessage(ctx, m, nil); err != nil {
			return fmt.Errorf("complete %s: %w", m.MessageID, err)
		}
	}
	return nil
}

// toClerks reports whether the clerks have the complaint now.
func (p *Passer) toClerks(ctx context.Context, m *azservicebus.ReceivedMessage) bool {
	if m.DeliveryCount < 3 {
		return false
	}
	err := p.Clerks.SendMessage(ctx, &azservicebus.Message{MessageID: &m.MessageID, Body: m.Body}, nil)
	if err != nil {
		slog.Error("not with the clerks", "id", m.MessageID, "err", err)
	}
	return err == nil
}

func (p *Passer) put(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, p.Ministry+"/complaints/"+m.MessageID, bytes.NewReader(m.Body))
	if err != nil {
		return err
	}
	resp, err := p.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("ministry: %s", resp.Status)
	}
	return nil
}

// Package eventid tells subscribers of what happened.
//
// Right: each notice carries the event's id, which is the message's own, so that the
// subscriber can drop the second one. That is how webhooks are meant.
package eventid

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

var client = &http.Client{Timeout: 8 * time.Second}

type notice struct {
	EventID string          `json:"event_id"`
	Kind    string          `json:"kind"`
	Data    json.RawMessage `json:"data"`
}

// Notify sends what is in the queue to one subscriber.
func Notify(ctx context.Context, rcv *azservicebus.Receiver, subscriber string) error {
	batch, err := rcv.ReceiveMessages(ctx, 10, nil)
	if err != nil {
		return err
	}
	for _, m := range batch {
		kind, _ := m.ApplicationProperties["kind"].(string)
		if err := send(ctx, subscriber, notice{EventID: m.MessageID, Kind: kind, Data: m.Body}); err != nil {
			if err := rcv.AbandonMessage(ctx, m, nil); err != nil {
				return err
			}
			continue
		}
		if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}

func send(ctx context.Context, to string, n notice) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", to, resp.Status)
	}
	return nil
}

// Package parcelkey orders a parcel for each order.
//
// Right: the message's id goes with the request, and the carrier answers the second one
// with the first one's parcel.
package parcelkey

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

var client = &http.Client{Timeout: 15 * time.Second}

// Run books what comes.
func Run(ctx context.Context, rcv *azservicebus.Receiver) error {
	for {
		batch, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range batch {
			if err := book(ctx, m.MessageID, string(m.Body)); err != nil {
				return err
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

func book(ctx context.Context, id, order string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://ship.example/v1/parcels", strings.NewReader(order))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", id)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("parcel: %s", resp.Status)
	}
	return nil
}

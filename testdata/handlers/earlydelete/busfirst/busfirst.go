// Package busfirst keeps the claims that customers send over Service Bus.
//
// Wrong: the message is completed before the claim is uploaded; a crash in between, or a failed upload, and the
// claim is in neither place. The AbandonMessage in the error arm comes too late: nothing is left to abandon.
//
// Message: {"claim":"k-5","amount":120}
package busfirst

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Keeper keeps claims.
type Keeper struct {
	Receiver *azservicebus.Receiver
	Blobs    *azblob.Client
}

// Keep handles one round of messages.
func (k *Keeper) Keep(ctx context.Context) error {
	msgs, err := k.Receiver.ReceiveMessages(ctx, 5, nil)
	if err != nil {
		return fmt.Errorf("receive claims: %w", err)
	}
	for _, m := range msgs {
		if err := k.Receiver.CompleteMessage(ctx, m, nil); err != nil { // want `\(earlydelete\)`
			log.Printf("complete %s: %v", m.MessageID, err)
			continue
		}
		if err := k.upload(ctx, m.Body); err != nil {
			log.Printf("claim %s: %v", m.MessageID, err)
			if err := k.Receiver.AbandonMessage(ctx, m, nil); err != nil {
				log.Printf("abandon %s: %v", m.MessageID, err)
			}
		}
	}
	return nil
}

func (k *Keeper) upload(ctx context.Context, body []byte) error {
	var c struct {
		Claim  string `json:"claim"`
		Amount int    `json:"amount"`
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return err
	}
	_, err := k.Blobs.UploadBuffer(ctx, "claims", c.Claim+".json", body, nil)
	return err
}

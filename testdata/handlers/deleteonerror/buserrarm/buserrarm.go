// Package buserrarm stores the votes of a board over Service Bus.
//
// Wrong: a vote whose row cannot be written is logged and completed in the error arm; nothing dead-letters it.
//
// Message: {"motion":"mo-1","member":"me-4","vote":"yes"}
package buserrarm

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Teller counts votes.
type Teller struct {
	Votes *azservicebus.Receiver
	Table *aztables.Client
}

// Tell stores the votes of one receive.
func (t *Teller) Tell(ctx context.Context) error {
	msgs, err := t.Votes.ReceiveMessages(ctx, 10, nil)
	if err != nil {
		return fmt.Errorf("votes: %w", err)
	}
	for _, m := range msgs {
		if err := t.store(ctx, m.Body); err != nil {
			log.Printf("vote %s (delivery %d): %v", m.MessageID, m.DeliveryCount, err)
			if err := t.Votes.CompleteMessage(ctx, m, nil); err != nil { // want `\(deleteonerror\)`
				return fmt.Errorf("complete %s: %w", m.MessageID, err)
			}
			continue
		}
		if err := t.Votes.CompleteMessage(ctx, m, nil); err != nil {
			return fmt.Errorf("complete %s: %w", m.MessageID, err)
		}
	}
	return nil
}

func (t *Teller) store(ctx context.Context, body []byte) error {
	var v struct{ Motion, Member, Vote string }
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": v.Motion, "RowKey": v.Member, "Vote": v.Vote})
	if err != nil {
		return err
	}
	_, err = t.Table.UpsertEntity(ctx, row, nil)
	return err
}

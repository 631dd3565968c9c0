// Package ledgerbus copies account events from Service Bus into table rows.
package ledgerbus

import (
	"context"
	"encoding/json"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type entry struct {
	aztables.Entity
	Subject string
	Body    string
}

// Consume runs until receiving fails.
func Consume(ctx context.Context, rcv *azservicebus.Receiver, rows *aztables.Client) error {
next:
	for {
		msgs, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			subject := ""
			if m.Subject != nil {
				subject = *m.Subject
			}
			switch subject {
			case "opened", "closed":
				if err := save(ctx, rows, "accounts", m, subject); err != nil {
					log.Printf("ledgerbus: %v", err)
					giveBack(ctx, rcv, m)
					continue next
				}
			case "audited":
				if err := save(ctx, rows, "audits", m, subject); err != nil {
					log.Printf("ledgerbus: %v", err)
					giveBack(ctx, rcv, m)
					continue next
				}
				continue next // want `work succeeded.*unsettled.*\(missingdelete\)`
			default:
				err := rcv.DeadLetterMessage(ctx, m, &azservicebus.DeadLetterOptions{Reason: to.Ptr("unknown subject")})
				if err != nil {
					log.Printf("ledgerbus: dead letter: %v", err)
				}
				continue next
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				log.Printf("ledgerbus: complete %s: %v", m.MessageID, err)
			}
		}
	}
}

func giveBack(ctx context.Context, rcv *azservicebus.Receiver, m *azservicebus.ReceivedMessage) {
	if err := rcv.AbandonMessage(ctx, m, nil); err != nil {
		log.Printf("ledgerbus: abandon %s: %v", m.MessageID, err)
	}
}

func save(ctx context.Context, rows *aztables.Client, part string, m *azservicebus.ReceivedMessage, subject string) error {
	e := entry{Entity: aztables.Entity{PartitionKey: part, RowKey: m.MessageID}, Subject: subject, Body: string(m.Body)}
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = rows.UpsertEntity(ctx, raw, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	return err
}

// Package ticketrow opens a ticket for each mail.
//
// Wrong: the ticket's id is made anew at each attempt.
package ticketrow

import (
	"context"
	"database/sql"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/google/uuid"
)

// Desk opens tickets.
type Desk struct{ DB *sql.DB }

// Work opens tickets until the context ends.
func (d Desk) Work(ctx context.Context, rcv *azservicebus.Receiver) {
	for ctx.Err() == nil {
		batch, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			log.Print(err)
			continue
		}
		for _, m := range batch {
			if err := d.open(ctx, string(m.Body)); err != nil {
				log.Print(err)
				continue
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				log.Print(err)
			}
		}
	}
}

func (d Desk) open(ctx context.Context, mail string) error {
	id := uuid.New()
	_, err := d.DB.ExecContext(ctx, "INSERT INTO tickets (id, body, state) VALUES (?, ?, 'open')", id.String(), mail) // want `the key .* changes with each attempt.*\(freshkey\)`
	return err
}

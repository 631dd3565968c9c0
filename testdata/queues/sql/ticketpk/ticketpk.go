// Package ticketpk opens a ticket for each mail.
//
// Right: the ticket's id is the message's. The second insert meets the first one's row,
// and that is told apart.
package ticketpk

import (
	"context"
	"database/sql"
	"errors"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/jackc/pgx/v5/pgconn"
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
			if err := d.open(ctx, m.MessageID, string(m.Body)); err != nil {
				log.Print(err)
				continue
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				log.Print(err)
			}
		}
	}
}

func (d Desk) open(ctx context.Context, id, mail string) error {
	_, err := d.DB.ExecContext(ctx, "INSERT INTO tickets (id, body, state) VALUES ($1, $2, 'open')", id, mail)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return nil
	}
	return err
}

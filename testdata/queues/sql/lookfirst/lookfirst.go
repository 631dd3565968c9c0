// Package lookfirst mails a ticket to whoever bought it.
//
// Right: it looks for the row of the mail first and adds it after. Two workers at once
// could both send; this queue's lease is longer than a mail takes.
package lookfirst

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/smtp"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type ticket struct{ Number, Mail string }

// Office mails tickets.
type Office struct {
	db     *sql.DB
	server string
}

// Serve mails what comes.
func (o *Office) Serve(ctx context.Context, rcv *azservicebus.Receiver) error {
	batch, err := rcv.ReceiveMessages(ctx, 1, nil)
	if err != nil {
		return err
	}
	for _, m := range batch {
		var t ticket
		if err := json.Unmarshal(m.Body, &t); err != nil {
			return err
		}
		var mailed bool
		err := o.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM mails WHERE ticket = $1)", t.Number).Scan(&mailed)
		if err != nil {
			return err
		}
		if !mailed {
			body := fmt.Sprintf("To: %s\r\nSubject: Ticket %s\r\n\r\nSee you there.\r\n", t.Mail, t.Number)
			if err := smtp.SendMail(o.server, nil, "tickets@example.com", []string{t.Mail}, []byte(body)); err != nil { // want `wait without a bound.*\(visibility\)`
				return err
			}
			if _, err := o.db.ExecContext(ctx, "INSERT INTO mails (ticket, sent_to) VALUES ($1, $2)", t.Number, t.Mail); err != nil {
				return err
			}
		}
		if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}

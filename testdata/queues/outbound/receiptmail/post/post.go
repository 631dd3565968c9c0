// Package post sends mails.
package post

import (
	"context"
	"fmt"

	"github.com/sendgrid/sendgrid-go"
	"github.com/sendgrid/sendgrid-go/helpers/mail"
)

// Office sends mails through one account.
type Office struct{ client *sendgrid.Client }

// New makes an office.
func New(key string) *Office { return &Office{sendgrid.NewSendClient(key)} }

// Receipt mails a receipt.
func (o *Office) Receipt(ctx context.Context, to string, cents int) error {
	text := fmt.Sprintf("We received %d.%02d. Thank you.", cents/100, cents%100)
	m := mail.NewSingleEmail(mail.NewEmail("Shop", "shop@example.com"), "Your receipt", mail.NewEmail("", to), text, "")
	resp, err := o.client.SendWithContext(ctx, m)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("mail: status %d", resp.StatusCode)
	}
	return nil
}

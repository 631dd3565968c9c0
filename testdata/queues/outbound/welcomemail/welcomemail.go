// Package welcomemail greets new members by mail.
//
// Wrong: nothing is remembered of the mail, so that each delivery sends one.
package welcomemail

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/smtp"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type member struct {
	Name, Mail string
}

// Greeter sends the mails.
type Greeter struct {
	From, Server string
	Auth         smtp.Auth
}

// Serve greets whoever is in the queue.
func Serve(ctx context.Context, rcv *azservicebus.Receiver, g Greeter) error {
	for {
		batch, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range batch {
			if err := g.greet(m.Body); err != nil {
				log.Printf("message %s: %v", m.MessageID, err)
				_ = rcv.AbandonMessage(ctx, m, nil)
				continue
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

func (g Greeter) greet(body []byte) error {
	var who member
	if err := json.Unmarshal(body, &who); err != nil {
		return err
	}
	text := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Welcome\r\n\r\nWelcome, %s!\r\n", g.From, who.Mail, who.Name)
	return smtp.SendMail(g.Server, g.Auth, g.From, []string{who.Mail}, []byte(text)) // want `SendMail sends a mail, and.*\(sideeffect\)` `wait without a bound.*\(visibility\)`
}

// Package mailtwice mails customers their tickets. Where a later record of the batch fails,
// all of the batch comes again, and those who have their tickets get them a second time.
package mailtwice

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

type ticket struct{ Mail, Seat string }

type Mailer struct {
	ses  *sesv2.Client
	from string
}

func New(cfg aws.Config, from string) *Mailer {
	return &Mailer{ses: sesv2.NewFromConfig(cfg), from: from}
}

func (m *Mailer) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, r := range event.Records {
		var t ticket
		if err := json.Unmarshal([]byte(r.Body), &t); err != nil {
			return fmt.Errorf("record %s: %w", r.MessageId, err)
		}
		if err := m.send(ctx, t); err != nil {
			return fmt.Errorf("record %s: %w", r.MessageId, err)
		}
	}
	return nil
}

func (m *Mailer) send(ctx context.Context, t ticket) error {
	_, err := m.ses.SendEmail(ctx, &sesv2.SendEmailInput{ // want `sends a mail.*\(sideeffect\)`
		FromEmailAddress: aws.String(m.from),
		Destination:      &types.Destination{ToAddresses: []string{t.Mail}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: &types.Content{Data: aws.String("Your ticket")},
			Body:    &types.Body{Text: &types.Content{Data: aws.String("Your seat is " + t.Seat)}},
		}},
	})
	return err
}

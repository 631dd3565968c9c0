// Package markfirst marks a message before its e-mail is sent.
package markfirst

import (
	"fmt"
	"net/smtp"

	"github.com/IBM/sarama"
)

type Mailer struct {
	Server, From string
}

func (m *Mailer) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (m *Mailer) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (m *Mailer) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case msg, ok := <-claim.Messages():
			if !ok {
				return nil
			}
			session.MarkMessage(msg, "") // want `settled before the work is done.*\(earlydelete\)`
			if err := m.welcome(string(msg.Value)); err != nil {
				return err
			}
		case <-session.Context().Done():
			return nil
		}
	}
}

func (m *Mailer) welcome(address string) error {
	text := fmt.Sprintf("To: %s\r\nSubject: Welcome\r\n\r\nHello!\r\n", address)
	return smtp.SendMail(m.Server, nil, m.From, []string{address}, []byte(text))
}

// Package sameid publishes what follows from a message under the message's own id.
package sameid

import (
	"context"
	"log/slog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func Relay(ctx context.Context, c jetstream.Consumer, js jetstream.JetStream) (jetstream.ConsumeContext, error) {
	return c.Consume(func(m jetstream.Msg) {
		id := m.Headers().Get(nats.MsgIdHdr)
		if id == "" {
			_ = m.TermWithReason("no id")
			return
		}
		if _, err := js.Publish(ctx, "out."+m.Subject(), m.Data(), jetstream.WithMsgID(id+".out")); err != nil {
			slog.Error("relay", "id", id, "err", err)
			_ = m.Nak()
			return
		}
		_ = m.Ack()
	})
}

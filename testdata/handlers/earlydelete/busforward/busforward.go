// Package busforward validates applications and sends the valid ones to the underwriters' queue.
//
// Wrong: the application is completed on the one queue before it is sent to the other; a crash between the two,
// or a send that fails, loses it. The other order with the same MessageID would be safe.
//
// Message: {"application":"ap-3","name":"Ada","sum":900}
package busforward

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type application struct {
	Application string `json:"application"`
	Name        string `json:"name"`
	Sum         int    `json:"sum"`
}

// Desk is the validation desk.
type Desk struct {
	In  *azservicebus.Receiver
	Out *azservicebus.Sender
}

// Serve validates one application.
func (d *Desk) Serve(ctx context.Context) error {
	msgs, err := d.In.ReceiveMessages(ctx, 1, nil)
	if err != nil {
		return err
	}
	for _, m := range msgs {
		var a application
		if err := json.Unmarshal(m.Body, &a); err != nil || a.Name == "" || a.Sum <= 0 {
			reason := "InvalidApplication"
			if err := d.In.DeadLetterMessage(ctx, m, &azservicebus.DeadLetterOptions{Reason: &reason}); err != nil {
				return fmt.Errorf("dead-letter %s: %w", m.MessageID, err)
			}
			continue
		}
		if err := d.accept(ctx, m, a); err != nil {
			return fmt.Errorf("accept %s: %w", a.Application, err)
		}
	}
	return nil
}

func (d *Desk) accept(ctx context.Context, m *azservicebus.ReceivedMessage, a application) error {
	if err := d.In.CompleteMessage(ctx, m, nil); err != nil { // want `\(earlydelete\)`
		return err
	}
	out := &azservicebus.Message{MessageID: &a.Application, Body: m.Body}
	return d.Out.SendMessage(ctx, out, nil)
}

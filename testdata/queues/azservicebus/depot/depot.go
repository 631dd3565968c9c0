// Package depot receives deliveries and gives them to whoever takes them in: what goes
// wrong there is told there, once.
package depot

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/idemlint/idemlint/testdata/queues/azservicebus/depot/intake"
)

// Gate is where deliveries arrive.
type Gate struct {
	In    *azservicebus.Receiver
	Clerk *intake.Clerk
}

// Run lets deliveries in until the context ends.
func (g *Gate) Run(ctx context.Context) error {
	for {
		messages, err := g.In.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, msg := range messages {
			if err := g.Clerk.Take(ctx, msg); err != nil {
				if err := g.In.AbandonMessage(ctx, msg, nil); err != nil {
					return err
				}
				continue
			}
			if err := g.In.CompleteMessage(ctx, msg, nil); err != nil {
				return err
			}
		}
	}
}

// Package doors opens doors and waits until they are shut again.
//
// Right, as far as one can know: the lock's length is configured in the namespace (30 s to 5 min) and no part of
// the code; a wait of 10 s is within any of them.
package doors

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type porter struct {
	rcv  *azservicebus.Receiver
	rows *aztables.Client
	wait time.Duration
}

// Attend attends to the doors.
func Attend(ctx context.Context, rcv *azservicebus.Receiver, rows *aztables.Client) error {
	p := porter{rcv: rcv, rows: rows, wait: 10 * time.Second}
	for {
		knocks, err := p.rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, knock := range knocks {
			if err := p.open(ctx, knock); err != nil {
				log.Printf("doors: %v", err)
				if err := p.rcv.AbandonMessage(ctx, knock, nil); err != nil {
					log.Printf("doors: abandon: %v", err)
				}
				continue
			}
			if err := p.rcv.CompleteMessage(ctx, knock, nil); err != nil {
				log.Printf("doors: complete: %v", err)
			}
		}
	}
}

func (p porter) open(ctx context.Context, knock *azservicebus.ReceivedMessage) error {
	time.Sleep(p.wait)
	row := fmt.Sprintf(`{"PartitionKey":"door","RowKey":%q,"Card":%q}`, knock.MessageID, knock.Body)
	_, err := p.rows.UpsertEntity(ctx, []byte(row), nil)
	return err
}

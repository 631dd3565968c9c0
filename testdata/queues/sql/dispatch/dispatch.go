// Package dispatch hands out parcels.
//
// Right: the update counts up, but it asks for the state that it leaves; the second one
// changes nothing.
package dispatch

import (
	"context"
	"database/sql"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

const handOut = `UPDATE parcels SET state = 'out', handed_out = handed_out + 1
	WHERE number = ? AND state = 'ready'`

// Run hands out what comes.
func Run(ctx context.Context, rcv *azservicebus.Receiver, db *sql.DB) error {
	for {
		batch, err := rcv.ReceiveMessages(ctx, 4, nil)
		if err != nil {
			return err
		}
		for _, m := range batch {
			if _, err := db.ExecContext(ctx, handOut, string(m.Body)); err != nil {
				return err
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

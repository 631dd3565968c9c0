// Package worker takes swap requests from the queue.
package worker

import (
	"context"
	"encoding/json"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/etag/roster/rosterstore"
)

type swap struct {
	Ward, Day, Nurse string
}

// Worker handles one swap request after the other.
type Worker struct {
	Requests *azqueue.QueueClient
	Rosters  *rosterstore.Store
}

// Run never returns before the context is done.
func (w Worker) Run(ctx context.Context) {
	ticker := time.NewTicker(2 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := w.next(ctx); err != nil {
				log.Println("swap:", err)
			}
		}
	}
}

func (w Worker) next(ctx context.Context) error {
	got, err := w.Requests.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range got.Messages {
		var s swap
		if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
			return err
		}
		err := w.Rosters.Update(ctx, s.Ward, func(r *rosterstore.Roster) error { // want `read-modify-write without a precondition.*\(etag\)`
			r.Days[s.Day] = s.Nurse
			return nil
		})
		if err != nil {
			return err
		}
		if _, err := w.Requests.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

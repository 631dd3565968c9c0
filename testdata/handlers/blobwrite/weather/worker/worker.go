// Package worker receives measurements.
package worker

import (
	"context"
	"encoding/json"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/weather/domain"
)

// Loop hands measurements to the forecaster.
func Loop(ctx context.Context, q *azqueue.QueueClient, f *domain.Forecaster) {
	for ctx.Err() == nil {
		resp, err := q.DequeueMessage(ctx, nil)
		if err != nil || len(resp.Messages) == 0 {
			log.Printf("nothing to do (%v)", err)
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var ms domain.Measurement
		if err := json.Unmarshal([]byte(*m.MessageText), &ms); err != nil {
			log.Printf("%s: %v", *m.MessageID, err)
			continue
		}
		if err := f.Measured(ctx, ms); err != nil {
			log.Printf("%s: %v", *m.MessageID, err)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			log.Printf("%s: %v", *m.MessageID, err)
		}
	}
}

// Package geocode pushes depots to the routing engine.
package geocode

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const leaseTime = 5 * time.Minute

// Poll pushes for ever.
func Poll(ctx context.Context, q *azqueue.QueueClient, engine string, logger *log.Logger) {
	opts := azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(leaseTime.Seconds()))}
	for ctx.Err() == nil {
		got, err := q.DequeueMessage(ctx, &opts)
		if err != nil {
			logger.Println("dequeue:", err)
			time.Sleep(time.Minute)
			continue
		}
		for _, m := range got.Messages {
			req, err := http.NewRequest(http.MethodPut, engine+"/depots/"+*m.MessageID, strings.NewReader(*m.MessageText))
			if err != nil {
				logger.Println("request:", err)
				continue
			}
			if err := send(req); err != nil {
				logger.Println("push:", err, "delivery", *m.DequeueCount)
				continue
			}
			if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				logger.Println("delete:", err)
			}
		}
	}
}

func send(req *http.Request) error {
	res, err := http.DefaultClient.Do(req) // want `wait without a bound.*\(visibility\)`
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return errors.New(res.Status)
	}
	return nil
}

// Package parking books parking lots.
//
// Right: three tries of five seconds with a second between them make 17 s; the lease is a minute.
package parking

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var lots = http.Client{Timeout: 5 * time.Second}

// Book books until the queue is empty.
func Book(ctx context.Context, q *azqueue.QueueClient, operator string) error {
	lease := to.Ptr(int32(60))
next:
	for {
		res, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: lease})
		if err != nil {
			return err
		}
		if len(res.Messages) == 0 {
			return nil
		}
		m := res.Messages[0]
		for try := 1; ; try++ {
			err := book(ctx, operator, *m.MessageID, *m.MessageText)
			if err == nil {
				break
			}
			if try == 3 {
				log.Printf("parking: %s, delivery %d: %v", *m.MessageID, *m.DequeueCount, err)
				continue next
			}
			time.Sleep(time.Second)
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func book(ctx context.Context, operator, id, lot string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, operator+"/bookings/"+id, strings.NewReader(lot))
	if err != nil {
		return err
	}
	resp, err := lots.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("operator: %s", resp.Status)
	}
	return nil
}

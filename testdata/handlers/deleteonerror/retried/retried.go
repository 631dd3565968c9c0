// Package retried stores the results of races.
//
// Right: a failed try is logged and dropped, and the next one made; the error of the last is what store returns, and
// it keeps the message.
//
// Message: {"race":"ra-1","runner":"ru-9","seconds":3600}
package retried

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Timing stores results.
type Timing struct {
	Queue   *azqueue.QueueClient
	Results *container.Client
}

// Finish stores the next result.
func (t *Timing) Finish(ctx context.Context) error {
	r, err := t.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var x struct {
		Race    string `json:"race"`
		Runner  string `json:"runner"`
		Seconds int    `json:"seconds"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
		return fmt.Errorf("result %s: %w", *m.MessageID, err)
	}
	if err := t.store(ctx, x.Race+"/"+x.Runner, fmt.Sprint(x.Seconds)); err != nil {
		return fmt.Errorf("result %s: %w", *m.MessageID, err)
	}
	_, err = t.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (t *Timing) store(ctx context.Context, name, result string) error {
	var last error
	for try := 1; try <= 3; try++ {
		_, err := t.Results.NewBlockBlobClient(name).UploadBuffer(ctx, []byte(result), nil)
		if err == nil {
			return nil
		}
		log.Printf("%s, try %d: %v", name, try, err)
		last = err
		select {
		case <-time.After(time.Duration(try) * time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return last
}

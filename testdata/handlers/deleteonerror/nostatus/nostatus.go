// Package nostatus tells a newsletter service who has unsubscribed.
//
// Wrong: a service that answers 503 has not been told anything, but client.Do returns no error for it, and nobody
// looks at the status: the message is deleted, and the newsletter keeps coming.
//
// Message: {"address":"ada","list":"weekly"}
package nostatus

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Unsubscriber unsubscribes.
type Unsubscriber struct {
	Queue   *azqueue.QueueClient
	HTTP    *http.Client
	Service string
}

// Next unsubscribes the next address.
func (u *Unsubscriber) Next(ctx context.Context) error {
	r, err := u.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var x struct{ Address, List string }
	if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
		return fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	if err := u.tell(ctx, x.List, x.Address); err != nil {
		return fmt.Errorf("unsubscribe %s: %w", x.Address, err)
	}
	_, err = u.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `\(deleteonerror\)`
	return err
}

func (u *Unsubscriber) tell(ctx context.Context, list, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, u.Service+"/lists/"+list+"/"+address, nil)
	if err != nil {
		return err
	}
	resp, err := u.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	return nil
}

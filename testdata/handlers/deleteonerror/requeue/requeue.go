// Package requeue tells a registry of domains; what fails is tried again later, with the tries counted in the text.
//
// Right: a failed try deletes its message, but the next try's message is in the queue (or, after five, in the poison
// queue) before; if it cannot be put there, the message stays. The registry takes the same entry any number of times.
//
// Message: {"domain":"ex-1","owner":"ada","tries":0}
package requeue

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const maxTries = 5

type domain struct {
	Domain string `json:"domain"`
	Owner  string `json:"owner"`
	Tries  int    `json:"tries"`
}

// Teller tells the registry.
type Teller struct {
	Domains, Poison *azqueue.QueueClient
	HTTP            *http.Client
	Registry        string
}

// Tell tells it of the next domain.
func (t *Teller) Tell(ctx context.Context) error {
	r, err := t.Domains.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var d domain
	if err := json.Unmarshal([]byte(*m.MessageText), &d); err != nil {
		return fmt.Errorf("domain %s: %w", *m.MessageID, err)
	}
	if err := t.put(ctx, d); err != nil {
		if rerr := t.later(ctx, d); rerr != nil {
			return fmt.Errorf("domain %s: %w (after %v)", d.Domain, rerr, err)
		}
	}
	_, err = t.Domains.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

// later puts the next try into a queue.
func (t *Teller) later(ctx context.Context, d domain) error {
	d.Tries++
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if d.Tries >= maxTries {
		_, err = t.Poison.EnqueueMessage(ctx, string(text), nil)
		return err
	}
	_, err = t.Domains.EnqueueMessage(ctx, string(text), &azqueue.EnqueueMessageOptions{
		VisibilityTimeout: to.Ptr(int32(30 * d.Tries)),
	})
	return err
}

func (t *Teller) put(ctx context.Context, d domain) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, t.Registry+"/domains/"+d.Domain+"/owners/"+d.Owner, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := t.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("registry: %s", resp.Status)
	}
	return nil
}

// Package grants issues access grants that last for a number of hours from the moment they are issued. A request
// that is delivered a second time prolongs the grant.
package grants

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type request struct {
	Subject string `json:"subject"`
	Scope   string `json:"scope"`
	Hours   int    `json:"hours"`
}

// Grant is what a gateway looks at.
type Grant struct {
	ID      string    `json:"id"`
	Subject string    `json:"subject"`
	Scope   string    `json:"scope"`
	Until   time.Time `json:"until"`
}

// Key names the grant after the message that asked for it.
func (g Grant) Key() string { return "grants/" + g.ID + ".json" }

// Issuer issues grants.
type Issuer struct {
	requests *azqueue.QueueClient
	grants   *Shelf[Grant]
	now      func() time.Time
}

// NewIssuer returns an Issuer on the machine's clock.
func NewIssuer(requests *azqueue.QueueClient, blobs *azblob.Client) *Issuer {
	return &Issuer{requests: requests, grants: &Shelf[Grant]{client: blobs, name: "gateway"}, now: time.Now}
}

// Run issues grants until the context ends.
func (i *Issuer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := i.requests.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := i.issue(ctx, *m.MessageID, *m.MessageText); err != nil {
				slog.ErrorContext(ctx, "grant", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := i.requests.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (i *Issuer) issue(ctx context.Context, id, text string) error {
	var r request
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return err
	}
	g := Grant{ID: id, Subject: r.Subject, Scope: r.Scope}
	g.Until = i.now().UTC().Add(time.Duration(r.Hours) * time.Hour)
	return i.grants.Put(ctx, g)
}

// Package signing has documents signed by a service behind an interface.
//
// Right: the service's client has no timeout of its own, but the decorator around it allows each call 45 s, and
// the lease is 60.
package signing

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Signer signs a document and keeps it under its id.
type Signer interface {
	Sign(ctx context.Context, id, text string) error
}

type service struct{ url string }

func (s service) Sign(ctx context.Context, id, text string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, s.url+"/signed/"+id, strings.NewReader(text))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("signing service: %s", resp.Status)
	}
	return nil
}

type limited struct {
	Signer
	limit time.Duration
}

func (l limited) Sign(ctx context.Context, id, text string) error {
	ctx, cancel := context.WithTimeout(ctx, l.limit)
	defer cancel()
	return l.Signer.Sign(ctx, id, text)
}

// Clerk brings documents to the signer.
type Clerk struct {
	tray   *azqueue.QueueClient
	signer Signer
}

// NewClerk decorates the service.
func NewClerk(tray *azqueue.QueueClient, url string) *Clerk {
	return &Clerk{tray: tray, signer: limited{Signer: service{url}, limit: 45 * time.Second}}
}

// Serve handles the next document.
func (c *Clerk) Serve(ctx context.Context) error {
	r, err := c.tray.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	for _, doc := range r.Messages {
		if err := c.signer.Sign(ctx, *doc.MessageID, *doc.MessageText); err != nil {
			return fmt.Errorf("delivery %d: %w", *doc.DequeueCount, err)
		}
		if _, err := c.tray.DeleteMessage(ctx, *doc.MessageID, *doc.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

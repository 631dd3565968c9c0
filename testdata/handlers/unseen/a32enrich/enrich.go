// Package enrich asks a registry about companies.
//
// Right although a batch is handled one after another with a client that has no timeout: each message has a deadline,
// and the lease is that of all of them together and something over.
package enrich

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	batch      = 8
	perMessage = 30 * time.Second
	margin     = time.Minute
	nightly    = 10 * time.Minute
)

func leaseSeconds() *int32 {
	total := batch*perMessage + margin
	return to.Ptr(int32(total.Seconds()))
}

type company struct {
	Number  string `json:"number"`
	Country string `json:"country"`
}

// Enricher asks.
type Enricher struct {
	queue    *azqueue.QueueClient
	profiles *azblob.Client
	registry string
	client   http.Client
}

// New returns an Enricher.
func New(queue *azqueue.QueueClient, profiles *azblob.Client, registry string) *Enricher {
	return &Enricher{queue: queue, profiles: profiles, registry: registry}
}

// Run asks until the context ends.
func (e *Enricher) Run(ctx context.Context) error {
	for {
		resp, err := e.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(batch)),
			VisibilityTimeout: leaseSeconds(),
		})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := e.handle(ctx, m); err != nil {
				log.Printf("enrich: %s: %v", *m.MessageID, err)
			}
		}
		if len(resp.Messages) == batch {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(nightly):
		}
	}
}

func (e *Enricher) handle(parent context.Context, m *azqueue.DequeuedMessage) error {
	ctx, cancel := context.WithTimeout(parent, perMessage)
	defer cancel()

	var c company
	if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
		return err
	}
	profile, err := e.ask(ctx, c)
	if err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	_, err = e.profiles.UploadBuffer(ctx, "profiles", c.Country+"/"+c.Number+"/"+*m.MessageID+".json", profile, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return fmt.Errorf("profile: %w", err)
	}
	if _, err := e.queue.DeleteMessage(parent, *m.MessageID, *m.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

func (e *Enricher) ask(ctx context.Context, c company) ([]byte, error) {
	target := e.registry + "/companies/" + url.PathEscape(c.Country) + "/" + url.PathEscape(c.Number)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	return io.ReadAll(resp.Body)
}

// Package negotiate haggles with a partner's server; offer and counter call each other.
//
// Right: nobody knows how many rounds it takes, but all of them share a context of 50 s, and the lease is 60 s.
package negotiate

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type talks struct {
	server, id string
	client     *http.Client
}

// Haggle concludes the next deal.
func Haggle(ctx context.Context, deals *azqueue.QueueClient, server string) error {
	r, err := deals.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	for _, deal := range r.Messages {
		t := talks{server: server, id: *deal.MessageID, client: new(http.Client)}
		if err := t.conclude(ctx, *deal.MessageText); err != nil {
			return fmt.Errorf("deal %s, delivery %d: %w", t.id, *deal.DequeueCount, err)
		}
		if _, err := deals.DeleteMessage(ctx, *deal.MessageID, *deal.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func (t talks) conclude(parent context.Context, terms string) error {
	ctx, cancel := context.WithTimeout(parent, 50*time.Second)
	defer cancel()
	return t.offer(ctx, terms, 1)
}

func (t talks) offer(ctx context.Context, terms string, round int) error {
	url := fmt.Sprintf("%s/deals/%s/%d", t.server, t.id, round)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, strings.NewReader(terms))
	if err != nil {
		return err
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusConflict:
		return t.counter(ctx, terms, round)
	}
	return fmt.Errorf("partner: %s", resp.Status)
}

func (t talks) counter(ctx context.Context, terms string, round int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(2 * time.Second):
		return t.offer(ctx, terms+" or less", round+1)
	}
}

// Package onboarding sets an employee up in three systems, one after the other. Each wait is shorter than the
// lease; their sum is not.
package onboarding

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

// Setup talks to the systems.
type Setup struct {
	Queue                    *azqueue.QueueClient
	Base                     string
	directory, mailbox, door *http.Client
}

// New gives each system its own client.
func New(queue *azqueue.QueueClient, base string) *Setup {
	return &Setup{
		Queue:     queue,
		Base:      base,
		directory: &http.Client{Timeout: 20 * time.Second},
		mailbox:   &http.Client{Timeout: 35 * time.Second},
		door:      &http.Client{Timeout: 15 * time.Second},
	}
}

// Hire handles one newcomer.
func (s *Setup) Hire(ctx context.Context) error {
	r, err := s.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	for _, m := range r.Messages {
		if err := s.all(ctx, *m.MessageID, *m.MessageText); err != nil {
			log.Printf("onboarding %s, delivery %d: %v", *m.MessageID, *m.DequeueCount, err)
			continue
		}
		if _, err := s.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *Setup) all(ctx context.Context, id, person string) error {
	if err := s.inDirectory(ctx, id, person); err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	if err := s.inMail(ctx, id, person); err != nil {
		return fmt.Errorf("mailbox: %w", err)
	}
	if err := s.atDoor(ctx, id, person); err != nil {
		return fmt.Errorf("door: %w", err)
	}
	return nil
}

func (s *Setup) inDirectory(ctx context.Context, id, person string) error {
	req, err := put(ctx, s.Base+"/directory/"+id, person)
	if err != nil {
		return err
	}
	resp, err := s.directory.Do(req)
	return check(resp, err)
}

func (s *Setup) inMail(ctx context.Context, id, person string) error {
	req, err := put(ctx, s.Base+"/mailboxes/"+id, person)
	if err != nil {
		return err
	}
	resp, err := s.mailbox.Do(req) // want `can outlast the lease.*\(visibility\)`
	return check(resp, err)
}

func (s *Setup) atDoor(ctx context.Context, id, person string) error {
	req, err := put(ctx, s.Base+"/doors/main/"+id, person)
	if err != nil {
		return err
	}
	resp, err := s.door.Do(req)
	return check(resp, err)
}

func put(ctx context.Context, url, body string) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodPut, url, strings.NewReader(body))
}

func check(resp *http.Response, err error) error {
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode >= 400 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

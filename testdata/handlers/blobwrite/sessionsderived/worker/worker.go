// Package worker opens sessions.
//
// Right: see package tokens.
package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/sessionsderived/tokens"
)

// Issuer issues tokens.
type Issuer interface {
	Issue(ctx context.Context, user, session string) error
}

// Open opens sessions until the queue is empty.
func Open(ctx context.Context, logins *azqueue.QueueClient, table *aztables.Client, key []byte) error {
	var issuer Issuer = &tokens.Table{Client: table, Key: key}
	for {
		resp, err := logins.DequeueMessage(ctx, nil)
		if err != nil {
			return fmt.Errorf("sessions: %w", err)
		}
		if len(resp.Messages) == 0 {
			return nil
		}
		if err := open(ctx, logins, issuer, resp.Messages[0]); err != nil {
			return fmt.Errorf("sessions: %s: %w", *resp.Messages[0].MessageID, err)
		}
	}
}

func open(ctx context.Context, logins *azqueue.QueueClient, issuer Issuer, m *azqueue.DequeuedMessage) error {
	var l struct{ User, Session string }
	if err := json.Unmarshal([]byte(*m.MessageText), &l); err != nil {
		return err
	}
	if err := issuer.Issue(ctx, l.User, l.Session); err != nil {
		return err
	}
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err := logins.DeleteMessage(settle, *m.MessageID, *m.PopReceipt, nil)
	return err
}

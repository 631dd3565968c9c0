// Package revoke ends sessions: the session's row is deleted, the gateway is told.
//
// Right: the Delete that comes first is the work, not the settle: it takes the row away (a row that is gone already
// is no error), and the message goes when the gateway knows.
//
// Message: {"user":"u-2","session":"s-1"}
package revoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Sessions is what Revoker needs of a session store.
type Sessions interface {
	Delete(ctx context.Context, user, session string) error
}

type tableSessions struct{ table *aztables.Client }

func (t tableSessions) Delete(ctx context.Context, user, session string) error {
	_, err := t.table.DeleteEntity(ctx, user, session, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusNotFound {
		return nil
	}
	return err
}

// Revoker revokes.
type Revoker struct {
	queue    *azqueue.QueueClient
	sessions Sessions
	gateway  func(ctx context.Context, session string) error
}

// New wires a Revoker.
func New(queue *azqueue.QueueClient, sessions *aztables.Client, client *http.Client, gateway string) *Revoker {
	return &Revoker{queue: queue, sessions: tableSessions{sessions}, gateway: func(ctx context.Context, session string) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, gateway+"/revoked/"+session, http.NoBody)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode >= 300 {
			return fmt.Errorf("gateway: %s", resp.Status)
		}
		return nil
	}}
}

// Revoke revokes the next session.
func (r *Revoker) Revoke(ctx context.Context) error {
	got, err := r.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(got.Messages) == 0 {
		return err
	}
	m := got.Messages[0]
	var s struct{ User, Session string }
	if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
		return fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	if err := r.sessions.Delete(ctx, s.User, s.Session); err != nil {
		return fmt.Errorf("session %s: %w", s.Session, err)
	}
	if err := r.gateway(ctx, s.Session); err != nil {
		return fmt.Errorf("session %s: %w", s.Session, err)
	}
	_, err = r.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

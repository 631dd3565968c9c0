// Package okignored locks doors through a building's controller.
//
// Wrong: lock reports with a bool whether the controller took the command, and the handler does not look at it: a
// door stays open, and the command to lock it is deleted.
//
// Message: {"door":"d-11","night":"2024-05-01"}
package okignored

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Janitor locks.
type Janitor struct {
	Doors      *azqueue.QueueClient
	HTTP       *http.Client
	Controller string
}

// LockUp locks up to four doors.
func (j *Janitor) LockUp(ctx context.Context) error {
	r, err := j.Doors.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120)),
	})
	if err != nil {
		return fmt.Errorf("doors: %w", err)
	}
	for _, m := range r.Messages {
		var c struct{ Door, Night string }
		if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
			return fmt.Errorf("command %s: %w", *m.MessageID, err)
		}
		j.lock(ctx, c.Door, c.Night)
		if _, err := j.Doors.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(deleteonerror\)`
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (j *Janitor) lock(ctx context.Context, door, night string) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, j.Controller+"/doors/"+door+"/nights/"+night, strings.NewReader("locked"))
	if err != nil {
		log.Printf("door %s: %v", door, err)
		return false
	}
	resp, err := j.HTTP.Do(req)
	if err != nil {
		log.Printf("door %s: %v", door, err)
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode < 300
}

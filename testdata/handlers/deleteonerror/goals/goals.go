// Package goals pushes the goals of a football match to telephones.
//
// Right: a push that fails is logged and its message deleted, and that is said: a goal of some minutes ago is no news.
//
// Message: {"match":"ma-1","goal":2,"phone":"ph-7"}
package goals

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

// Pusher pushes.
type Pusher struct {
	Goals *azqueue.QueueClient
	HTTP  *http.Client
	Push  string
}

// Next pushes the next goal.
//
//idemlint:at-most-once a late goal annoys more than a missing one
func (p *Pusher) Next(ctx context.Context) error {
	r, err := p.Goals.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	if err := p.push(ctx, *m.MessageText); err != nil {
		log.Printf("goal %s is not pushed: %v", *m.MessageID, err)
	}
	_, err = p.Goals.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (p *Pusher) push(ctx context.Context, text string) error {
	var g struct {
		Match string `json:"match"`
		Goal  int    `json:"goal"`
		Phone string `json:"phone"`
	}
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	url := fmt.Sprintf("%s/phones/%s/%s-%d", p.Push, g.Phone, g.Match, g.Goal)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, strings.NewReader("Goal!"))
	if err != nil {
		return err
	}
	resp, err := p.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("push: %s", resp.Status)
	}
	return nil
}

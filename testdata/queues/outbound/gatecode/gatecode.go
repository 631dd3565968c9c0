// Package gatecode texts the code of the gate to a guest.
//
// Wrong: each delivery sends a text message, and each of them is paid for.
package gatecode

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	api "github.com/twilio/twilio-go/rest/api/v2010"
)

type visit struct{ Phone, Gate, Code string }

// Texter handles what the queue holds, a goroutine for each message.
type Texter struct {
	Queue  *azqueue.QueueClient
	Texts  *api.ApiService
	Number string
}

// Once handles one batch.
func (t *Texter) Once(ctx context.Context) error {
	n, hidden := int32(8), int32(60)
	resp, err := t.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: &n, VisibilityTimeout: &hidden})
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for _, m := range resp.Messages {
		wg.Go(func() {
			if err := t.text(*m.MessageText); err != nil {
				fmt.Println("not sent:", err)
				return
			}
			if _, err := t.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				fmt.Println("not deleted:", err)
			}
		})
	}
	wg.Wait()
	return nil
}

func (t *Texter) text(body string) error {
	var v visit
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		return err
	}
	params := &api.CreateMessageParams{}
	params.SetTo(v.Phone)
	params.SetFrom(t.Number)
	params.SetBody("Gate " + v.Gate + " opens with " + v.Code)
	_, err := t.Texts.CreateMessage(params) // want `Twilio CreateMessage sends a POST.*\(sideeffect\)`
	return err
}

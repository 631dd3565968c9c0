// Package timer reminds people of appointments after a short delay.
//
// Wrong: the reminder is handed to a timer of this process and the message deleted at once; a process that ends
// within the delay takes the reminder with it. (Hiding the message for the delay would have done it.)
//
// Message: {"appointment":"a-20","phone":"555","seconds":20}
package timer

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

// Reminder reminds.
type Reminder struct {
	Queue *azqueue.QueueClient
	HTTP  *http.Client
	SMS   string
}

type appointment struct {
	Appointment string `json:"appointment"`
	Phone       string `json:"phone"`
	Seconds     int    `json:"seconds"`
}

// Schedule schedules what is due.
func (r *Reminder) Schedule(ctx context.Context) error {
	got, err := r.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(30)),
	})
	if err != nil {
		return fmt.Errorf("reminders: %w", err)
	}
	for _, m := range got.Messages {
		var a appointment
		if err := json.Unmarshal([]byte(*m.MessageText), &a); err != nil {
			log.Printf("reminder %s stays: %v", *m.MessageID, err)
			continue
		}
		time.AfterFunc(time.Duration(a.Seconds)*time.Second, func() {
			if err := r.text(a); err != nil {
				log.Printf("remind of %s: %v", a.Appointment, err)
			}
		})
		if _, err := r.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(earlydelete\)`
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (r *Reminder) text(a appointment) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, r.SMS+"/reminders/"+a.Appointment, strings.NewReader(a.Phone))
	if err != nil {
		return err
	}
	resp, err := r.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("sms: %s", resp.Status)
	}
	return nil
}

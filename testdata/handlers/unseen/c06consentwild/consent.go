// Package consent adds what a customer agreed to.
//
// Wrong: the options' If-Match is the wildcard; it only says that the row exists.
package consent

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Event says that a customer agreed to a purpose.
type Event struct {
	Tenant, Customer, Purpose string
}

type customer struct {
	aztables.Entity
	Purposes string
}

// Recorder records consents.
type Recorder struct {
	table *aztables.Client
	recv  *azservicebus.Receiver
}

// NewRecorder returns a Recorder.
func NewRecorder(recv *azservicebus.Receiver, table *aztables.Client) *Recorder {
	return &Recorder{table: table, recv: recv}
}

// Run runs.
func (r *Recorder) Run(ctx context.Context) error {
	for {
		msgs, err := r.recv.ReceiveMessages(ctx, 10, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			var ev Event
			if err := json.Unmarshal(m.Body, &ev); err != nil {
				log.Printf("consent %s: %v", m.MessageID, err)
				if err := r.recv.DeadLetterMessage(ctx, m, nil); err != nil {
					return err
				}
				continue
			}
			if err := r.record(ctx, ev); err != nil {
				log.Printf("consent %s, delivery %d: %v", m.MessageID, m.DeliveryCount, err)
				continue
			}
			if err := r.recv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

func (r *Recorder) record(ctx context.Context, ev Event) error {
	got, err := r.table.GetEntity(ctx, ev.Tenant, ev.Customer, nil)
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	var c customer
	if err := json.Unmarshal(got.Value, &c); err != nil {
		return err
	}
	purposes := strings.Fields(c.Purposes)
	if slices.Contains(purposes, ev.Purpose) {
		return nil
	}
	c.Purposes = strings.Join(append(purposes, ev.Purpose), " ")
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = r.table.UpdateEntity(ctx, raw, replaceOptions()) // want `wildcard.*\(etag\)`
	return err
}

func replaceOptions() *aztables.UpdateEntityOptions {
	match := azcore.ETagAny
	return &aztables.UpdateEntityOptions{IfMatch: &match, UpdateMode: aztables.UpdateModeReplace}
}

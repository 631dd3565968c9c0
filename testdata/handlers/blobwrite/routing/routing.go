// Package routing distributes the routing table of the call centre. The item it
// writes is named by the configuration, so every message writes the same one.
package routing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Settings come from a file.
type Settings struct {
	Site      string `json:"site"`
	TableItem string `json:"tableItem"`
}

type route struct {
	Prefix string `json:"prefix"`
	Agent  string `json:"agent"`
}

type table struct {
	ID     string  `json:"id"`
	Site   string  `json:"site"`
	Routes []route `json:"routes"`
}

// Distributor takes routing tables off a subscription.
type Distributor struct {
	Settings Settings
	Receiver *azservicebus.Receiver
	Items    *azcosmos.ContainerClient
}

var errEmpty = errors.New("routing table without routes")

// Run runs until the receiver fails.
func (d *Distributor) Run(ctx context.Context) error {
	for {
		msgs, err := d.Receiver.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("routing: %w", err)
		}
		for _, m := range msgs {
			err := d.distribute(ctx, m.Body)
			switch {
			case errors.Is(err, errEmpty):
				reason := err.Error()
				err = d.Receiver.DeadLetterMessage(ctx, m, &azservicebus.DeadLetterOptions{Reason: &reason})
			case err != nil:
				log.Printf("routing: %s: %v", m.MessageID, err)
				err = d.Receiver.AbandonMessage(ctx, m, nil)
			default:
				err = d.Receiver.CompleteMessage(ctx, m, nil)
			}
			if err != nil {
				return fmt.Errorf("routing: %s: %w", m.MessageID, err)
			}
		}
	}
}

func (d *Distributor) distribute(ctx context.Context, body []byte) error {
	t := table{ID: d.Settings.TableItem, Site: d.Settings.Site}
	if err := json.Unmarshal(body, &t.Routes); err != nil {
		return err
	}
	if len(t.Routes) == 0 {
		return errEmpty
	}
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = d.Items.UpsertItem(ctx, azcosmos.NewPartitionKeyString(d.Settings.Site), doc, nil) // want `key that several messages share.*\(blobwrite\)`
	return err
}

// Package routing distributes the routing table of the call centre.
//
// Right although all messages write one item: a table that is not newer than the
// one in force is dropped, and the replacement is conditioned on the version
// that this was decided on.
package routing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

const item = "routing-table"

type table struct {
	ID       string            `json:"id"`
	Site     string            `json:"site"`
	Revision int64             `json:"revision"`
	Routes   map[string]string `json:"routes"`
}

// Run runs until the receiver fails.
func Run(ctx context.Context, rcv *azservicebus.Receiver, items *azcosmos.ContainerClient, site string) error {
	for {
		msgs, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("routing: %w", err)
		}
		for _, m := range msgs {
			next := table{}
			err := json.Unmarshal(m.Body, &next)
			if err == nil {
				next.ID, next.Site = item, site
				err = distribute(ctx, items, next)
			}
			if err != nil {
				slog.Error("routing table not distributed", "message", m.MessageID, "err", err)
				if err := rcv.AbandonMessage(ctx, m, nil); err != nil {
					return err
				}
				continue
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

func distribute(ctx context.Context, items *azcosmos.ContainerClient, next table) error {
	pk := azcosmos.NewPartitionKeyString(next.Site)
	doc, err := json.Marshal(next)
	if err != nil {
		return err
	}
	for range 5 {
		current, err := items.ReadItem(ctx, pk, item, nil)
		if err != nil {
			return err
		}
		var inForce table
		if err := json.Unmarshal(current.Value, &inForce); err != nil {
			return err
		}
		if next.Revision <= inForce.Revision {
			return nil
		}
		_, err = items.ReplaceItem(ctx, pk, item, doc, &azcosmos.ItemOptions{IfMatchEtag: &current.ETag})
		var re *azcore.ResponseError
		if errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed {
			continue
		}
		return err
	}
	return errors.New("routing table is contended")
}

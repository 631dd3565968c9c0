// Package parcels notes that a parcel was delivered.
//
// Right although the update goes under the wildcard: nothing was read. "*" only
// says that the row must exist; the merged columns come from the message, and
// merging them twice, or late, leaves the same row.
package parcels

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type delivered struct {
	Depot    string `json:"depot"`
	Parcel   string `json:"parcel"`
	SignedBy string `json:"signedBy"`
	At       string `json:"at"`
}

// Note notes one delivery at most.
func Note(ctx context.Context, q *azqueue.QueueClient, parcels *aztables.Client) error {
	resp, err := q.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var d delivered
		if err := json.Unmarshal([]byte(*m.MessageText), &d); err != nil {
			return fmt.Errorf("delivery %s: %w", *m.MessageID, err)
		}
		columns, err := json.Marshal(map[string]string{
			"PartitionKey": d.Depot,
			"RowKey":       d.Parcel,
			"SignedBy":     d.SignedBy,
			"DeliveredAt":  d.At,
		})
		if err != nil {
			return fmt.Errorf("delivery %s: %w", *m.MessageID, err)
		}
		_, err = parcels.UpdateEntity(ctx, columns, &aztables.UpdateEntityOptions{
			IfMatch:    to.Ptr(azcore.ETagAny),
			UpdateMode: aztables.UpdateModeMerge,
		})
		var re *azcore.ResponseError
		if errors.As(err, &re) && re.StatusCode == http.StatusNotFound {
			log.Printf("parcel %s is not registered yet", d.Parcel)
			return fmt.Errorf("parcel %s: %w", d.Parcel, err)
		}
		if err != nil {
			return fmt.Errorf("parcel %s: %w", d.Parcel, err)
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("parcel %s: delete: %w", d.Parcel, err)
		}
	}
	return nil
}

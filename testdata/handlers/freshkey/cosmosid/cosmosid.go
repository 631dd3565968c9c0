// Package cosmosid stores product reviews as documents.
//
// Right: the document's id is a hash of the id of the message on the service bus;
// the second creation is refused with a conflict, which is taken as done.
//
// Message: {"product":"mug","stars":5,"text":"holds water"}
package cosmosid

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type review struct {
	ID      string `json:"id"`
	Product string `json:"product"`
	Stars   int    `json:"stars"`
	Text    string `json:"text"`
}

func newID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Run stores reviews until the receiver fails.
func Run(ctx context.Context, bus *azservicebus.Receiver, items *azcosmos.ContainerClient) error {
	for {
		msgs, err := bus.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := store(ctx, items, m); err != nil {
				return errors.Join(err, bus.AbandonMessage(context.WithoutCancel(ctx), m, nil))
			}
			if err := bus.CompleteMessage(context.WithoutCancel(ctx), m, nil); err != nil {
				return err
			}
		}
	}
}

func store(ctx context.Context, items *azcosmos.ContainerClient, m *azservicebus.ReceivedMessage) error {
	var r review
	if err := json.Unmarshal(m.Body, &r); err != nil {
		return err
	}
	r.ID = newID("review", m.MessageID)
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = items.CreateItem(ctx, azcosmos.NewPartitionKeyString(r.Product), raw, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
		return nil
	}
	return err
}

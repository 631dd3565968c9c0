// Package optin pushes news to the devices of those who want them.
//
// Wrong although a record is read first: it tells whether the reader wants news, not
// whether this one was pushed.
package optin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type news struct{ Reader, Headline string }

type reader struct {
	aztables.Entity
	WantsNews bool
	Device    string
}

// Push handles one message.
func Push(ctx context.Context, queue *azqueue.QueueClient, readers *aztables.Client, gateway *http.Client) error {
	hidden := int32(60)
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: &hidden})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var n news
	if err := json.Unmarshal([]byte(*m.MessageText), &n); err != nil {
		return err
	}
	row, err := readers.GetEntity(ctx, "readers", n.Reader, nil)
	if err != nil {
		return err
	}
	var r reader
	if err := json.Unmarshal(row.Value, &r); err != nil {
		return err
	}
	if r.WantsNews {
		body, err := json.Marshal(map[string]string{"to": r.Device, "title": n.Headline})
		if err != nil {
			return err
		}
		answer, err := gateway.Post("https://push.example/v1/send", "application/json", bytes.NewReader(body)) // want `HTTP Post sends a POST without an idempotency key.*\(sideeffect\)`
		if err != nil {
			return err
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return errors.New(answer.Status)
		}
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

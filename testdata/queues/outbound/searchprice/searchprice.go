// Package searchprice looks up the cheapest offer for a part and keeps it.
//
// Right: the POST is a search; it changes nothing at the other side.
package searchprice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

var client = &http.Client{Timeout: 10 * time.Second}

type part struct{ Number string }

// Look handles one message.
func Look(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, base string) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var p part
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return err
	}
	query, err := json.Marshal(map[string]any{"number": p.Number, "sort": "price", "limit": 1})
	if err != nil {
		return err
	}
	answer, err := client.Post(base+"/offers/_search", "application/json", bytes.NewReader(query))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	offer, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "offers", *m.MessageID, offer, nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

// Package poisonalert gives up on a message after five deliveries and opens a ticket.
//
// Right: the ticket is opened when the message is given up; that it may be opened twice
// where the delete is lost is the price of not losing it.
package poisonalert

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

var desk = &http.Client{Timeout: 5 * time.Second}

// Work handles one message.
func Work(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	if *m.DequeueCount > 5 {
		answer, err := desk.Post("https://desk.example/tickets", "text/plain", strings.NewReader(*m.MessageText))
		if err != nil {
			return err
		}
		answer.Body.Close()
		if answer.StatusCode >= 300 {
			return errors.New(answer.Status)
		}
		_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "letters", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

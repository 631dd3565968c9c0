// Package nilpointers imports price lists.
//
// Right: a message without id or receipt cannot be deleted, whatever was done with it; one that was not begun when the
// context ended goes back; one that came too often goes to the poison queue first.
package nilpointers

import (
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const maxDeliveries = 5

// Importer imports.
type Importer struct {
	Queue, Poison *azqueue.QueueClient
	Blobs         *azblob.Client
}

// Poll handles one batch.
func (i *Importer) Poll(ctx context.Context) error {
	resp, err := i.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(10)),
		VisibilityTimeout: to.Ptr(int32(5 * 60)),
	})
	if err != nil {
		return fmt.Errorf("dequeue: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	log.Printf("%d price lists", len(resp.Messages))

	for _, msg := range resp.Messages {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if msg == nil || msg.MessageText == nil {
			log.Print("message without text")
			continue
		}
		if msg.DequeueCount != nil && *msg.DequeueCount > maxDeliveries {
			if _, err := i.Poison.EnqueueMessage(ctx, *msg.MessageText, &azqueue.EnqueueMessageOptions{TimeToLive: to.Ptr(int32(-1))}); err != nil {
				log.Printf("poison: %v", err)
				continue
			}
			if err := i.remove(ctx, msg); err != nil {
				log.Printf("remove poison: %v", err)
			}
			continue
		}

		text, err := base64.StdEncoding.DecodeString(*msg.MessageText)
		if err != nil {
			text = []byte(*msg.MessageText) // the old sender does not encode
		}
		var list struct {
			Supplier string `json:"supplier"`
			Number   string `json:"number"`
			CSV      string `json:"csv"`
		}
		if err := json.Unmarshal(text, &list); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		rows, err := csv.NewReader(strings.NewReader(list.CSV)).ReadAll()
		if err != nil {
			log.Printf("list %s of %s: %v", list.Number, list.Supplier, err)
			continue
		}
		out, err := json.Marshal(rows)
		if err != nil {
			log.Printf("encode: %v", err)
			continue
		}
		if _, err := i.Blobs.UploadBuffer(ctx, "prices", list.Supplier+"/"+list.Number+".json", out, nil); err != nil {
			log.Printf("upload: %v", err)
			continue
		}

		if msg.MessageID == nil || msg.PopReceipt == nil {
			log.Printf("list %s: no id or receipt", list.Number)
			continue
		}
		if err := i.remove(ctx, msg); err != nil {
			log.Printf("remove %s: %v", *msg.MessageID, err)
			continue
		}
		log.Printf("list %s of %s: %d rows", list.Number, list.Supplier, len(rows))
	}
	return nil
}

func (i *Importer) remove(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	if msg.MessageID == nil || msg.PopReceipt == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	_, err := i.Queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

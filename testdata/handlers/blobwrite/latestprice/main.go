// Command latestprice publishes the latest quote of the exchange.
//
// All quotes go to one blob. A quote whose delete was lost comes back after
// newer ones and puts the old price up again.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type quote struct {
	Symbol string    `json:"symbol"`
	Price  float64   `json:"price"`
	Time   time.Time `json:"time"`
}

func main() {
	conn := os.Getenv("AZURE_STORAGE_CONNECTION_STRING")
	blobs, err := azblob.NewClientFromConnectionString(conn, nil)
	if err != nil {
		log.Fatalf("blobs: %v", err)
	}
	quotes, err := azqueue.NewQueueClientFromConnectionString(conn, "quotes", nil)
	if err != nil {
		log.Fatalf("queue: %v", err)
	}
	ctx := context.Background()
	for {
		resp, err := quotes.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
		if err != nil {
			log.Printf("dequeue: %v", err)
			time.Sleep(5 * time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		var q quote
		if err := json.Unmarshal([]byte(*msg.MessageText), &q); err != nil {
			log.Printf("%s: %v", *msg.MessageID, err)
			continue
		}
		page, err := json.Marshal(map[string]any{"symbol": q.Symbol, "price": q.Price, "asOf": q.Time})
		if err != nil {
			log.Printf("%s: %v", *msg.MessageID, err)
			continue
		}
		if _, err := blobs.UploadBuffer(ctx, "public", "quotes/latest.json", page, nil); err != nil { // want `key that several messages share.*\(blobwrite\)`
			log.Printf("%s: %v", *msg.MessageID, err)
			continue
		}
		if _, err := quotes.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("%s: delete: %v", *msg.MessageID, err)
		}
	}
}

// Package claims files insurance claims in two places.
//
// Right: every path that leaves the message does so because something failed; for a storage queue doing
// nothing is the way to have it delivered again. Both writes are keyed by the message.
package claims

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Intake is wired by main.
type Intake struct {
	Queue *azqueue.QueueClient
	Files *azblob.Client
	Index *aztables.Client
}

// Run never gives up.
func (in Intake) Run(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := in.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(4)),
			VisibilityTimeout: to.Ptr(int32(300)),
		})
		if err != nil {
			slog.Error("dequeue", "err", err)
			time.Sleep(3 * time.Second)
			continue
		}
		for _, msg := range resp.Messages {
			id := *msg.MessageID
			log := slog.With("claim", id, "delivery", *msg.DequeueCount)
			var claim struct{ Policy, Text string }
			if err := json.Unmarshal([]byte(*msg.MessageText), &claim); err != nil {
				log.Error("unreadable", "err", err)
				continue
			}
			if _, err := in.Files.UploadBuffer(ctx, "claims", id, []byte(claim.Text), nil); err != nil {
				log.Error("file", "err", err)
				continue
			}
			row, err := json.Marshal(aztables.Entity{PartitionKey: claim.Policy, RowKey: id})
			if err != nil {
				log.Error("row", "err", err)
				continue
			}
			if _, err := in.Index.UpsertEntity(ctx, row, nil); err != nil {
				log.Error("index", "err", err)
				continue
			}
			if _, err := in.Queue.DeleteMessage(ctx, id, *msg.PopReceipt, nil); err != nil {
				log.Error("delete", "err", err)
				continue
			}
			log.Info("filed")
		}
	}
}

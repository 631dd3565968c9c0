// Package lastseen keeps when a device was last heard of.
//
// Right: $max keeps the later of the two.
package lastseen

import (
	"context"
	"encoding/json"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

type ping struct {
	Device string
	At     time.Time
}

// Keep handles one message.
func Keep(ctx context.Context, queue *azqueue.QueueClient, devices *mongo.Collection) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var p ping
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return err
	}
	if _, err := devices.UpdateByID(ctx, p.Device, bson.M{"$max": bson.M{"seen": p.At}}, options.UpdateOne().SetUpsert(true)); err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

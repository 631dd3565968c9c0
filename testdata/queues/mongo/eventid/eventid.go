// Package eventid keeps events.
//
// Right: the event's id is the document's; the second insert is told apart.
package eventid

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

type event struct{ ID, Kind string }

// Keep handles one message.
func Keep(ctx context.Context, queue *azqueue.QueueClient, events *mongo.Collection) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var e event
	if err := json.Unmarshal([]byte(*m.MessageText), &e); err != nil {
		return err
	}
	_, err = events.InsertOne(ctx, bson.D{{Key: "_id", Value: e.ID}, {Key: "kind", Value: e.Kind}})
	if err != nil && !mongo.IsDuplicateKeyError(err) {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

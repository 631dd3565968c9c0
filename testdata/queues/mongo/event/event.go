// Package event keeps events.
//
// Wrong: the document has no _id of its own, so that the driver makes another one at each
// attempt.
package event

import (
	"context"
	"encoding/json"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

type event struct {
	Kind string
	At   time.Time
	Data map[string]string
}

// Keep handles one message.
func Keep(ctx context.Context, queue *azqueue.QueueClient, db *mongo.Database) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var e event
	if err := json.Unmarshal([]byte(*m.MessageText), &e); err != nil {
		return err
	}
	_, err = db.Collection("events").InsertOne(ctx, bson.M{"kind": e.Kind, "at": e.At, "data": e.Data}) // want `MongoDB InsertOne inserts without a key of the message.*\(sideeffect\)`
	if err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

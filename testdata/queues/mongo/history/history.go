// Package history appends to what a chat's members wrote.
//
// Wrong: $push appends the line again.
package history

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
)

type line struct{ Chat, By, Text string }

// Append handles one message.
func Append(ctx context.Context, queue *azqueue.QueueClient, chats *mongo.Collection) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var l line
	if err := json.Unmarshal([]byte(*m.MessageText), &l); err != nil {
		return err
	}
	change := bson.D{{Key: "$push", Value: bson.D{{Key: "lines", Value: bson.D{{Key: "by", Value: l.By}, {Key: "text", Value: l.Text}}}}}}
	if _, err := chats.UpdateOne(ctx, bson.D{{Key: "_id", Value: l.Chat}}, change); err != nil { // want `applies a change to what is there.*\(increment\)`
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

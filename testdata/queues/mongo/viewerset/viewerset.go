// Package viewerset counts the viewers of a film.
//
// Right: the filter asks that this message's id is not among those counted, and the same
// update adds it; the second one matches nothing.
package viewerset

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

type view struct{ Film string }

// Count handles one message.
func Count(ctx context.Context, queue *azqueue.QueueClient, films *mongo.Collection) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var v view
	if err := json.Unmarshal([]byte(*m.MessageText), &v); err != nil {
		return err
	}
	_, err = films.UpdateOne(ctx,
		bson.M{"_id": v.Film, "counted": bson.M{"$ne": *m.MessageID}},
		bson.M{"$inc": bson.M{"viewers": 1}, "$push": bson.M{"counted": *m.MessageID}})
	if err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

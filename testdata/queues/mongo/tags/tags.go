// Package tags tags pictures.
//
// Right: $addToSet adds a tag that is not there yet.
package tags

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
)

type tagged struct{ Picture, Tag string }

// Tag handles one batch.
func Tag(ctx context.Context, rcv *azservicebus.Receiver, pictures *mongo.Collection) error {
	batch, err := rcv.ReceiveMessages(ctx, 10, nil)
	if err != nil {
		return err
	}
	for _, m := range batch {
		var t tagged
		if err := json.Unmarshal(m.Body, &t); err != nil {
			return err
		}
		if _, err := pictures.UpdateOne(ctx, bson.M{"_id": t.Picture}, bson.M{"$addToSet": bson.M{"tags": t.Tag}}); err != nil {
			return err
		}
		if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}

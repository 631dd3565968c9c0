// Package counter counts how often a song was played.
//
// Wrong: $inc adds once for each delivery.
package counter

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Counter counts in one collection.
type Counter struct{ songs *mongo.Collection }

// Serve counts what comes.
func (c *Counter) Serve(ctx context.Context, rcv *azservicebus.Receiver) error {
	for {
		batch, err := rcv.ReceiveMessages(ctx, 10, nil)
		if err != nil {
			return err
		}
		for _, m := range batch {
			if err := c.played(ctx, string(m.Body)); err != nil {
				return err
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

func (c *Counter) played(ctx context.Context, song string) error {
	_, err := c.songs.UpdateOne(ctx, bson.M{"_id": song}, bson.M{"$inc": bson.M{"played": 1}}, options.UpdateOne().SetUpsert(true)) // want `applies a change to what is there.*\(increment\)`
	return err
}

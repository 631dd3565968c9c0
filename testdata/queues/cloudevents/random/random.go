// Package random stores each event's data under a name drawn for the attempt.
package random

import (
	"context"
	"fmt"
	"math/rand/v2"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"gocloud.dev/blob"
)

func Receiver(bucket *blob.Bucket) func(context.Context, cloudevents.Event) error {
	return func(ctx context.Context, e cloudevents.Event) error {
		name := fmt.Sprintf("%s/%08x", e.Type(), rand.Uint32())
		if err := bucket.WriteAll(ctx, name, e.Data(), nil); err != nil { // want `the key of what .* makes changes with each attempt.*\(freshkey\)`
			return fmt.Errorf("event %s: %w", e.ID(), err)
		}
		return nil
	}
}

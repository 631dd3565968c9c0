// Package badges prints visitor badges on top of the generic receiver in package leased.
//
// Right: the handler never sees the queue; leased deletes after a nil and after burying, and its two
// `return nil` without a delete are reached with a failed handler only.
package badges

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/missingdelete/genericwrapper/leased"
)

// Visitor is the payload.
type Visitor struct {
	Name string `json:"name"`
	Host string `json:"host"`
}

// Print runs until the context ends.
func Print(ctx context.Context, in, buried *azqueue.QueueClient, printer *azblob.Client) error {
	src := &leased.Source[Visitor]{
		Client:   in,
		MaxTries: 5,
		Bury: func(ctx context.Context, raw string) error {
			_, err := buried.EnqueueMessage(ctx, raw, nil)
			return err
		},
	}
	return src.Each(ctx, func(ctx context.Context, v leased.Item[Visitor]) error {
		if v.Payload.Name == "" {
			return fmt.Errorf("visitor %s has no name", v.ID)
		}
		badge := fmt.Appendf(nil, "%s\nvisits %s\n", v.Payload.Name, v.Payload.Host)
		_, err := printer.UploadBuffer(ctx, "badges", v.ID+".txt", badge, nil)
		return err
	})
}

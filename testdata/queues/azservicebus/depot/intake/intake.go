// Package intake takes in what was delivered.
package intake

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Clerk writes a slip for each delivery.
type Clerk struct {
	Slips *azblob.Client
}

// Take writes the slip of one delivery.
func (c *Clerk) Take(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	name := time.Now().Format("150405.000000") + ".txt"
	_, err := c.Slips.UploadBuffer(ctx, "slips", name, msg.Body, nil) // want `key of what Azure Blob Storage UploadBuffer makes changes with each attempt.*\(freshkey\)`
	return err
}

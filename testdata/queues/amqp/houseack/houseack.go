// Package houseack is given jobs by a bus that acknowledges what failed.
package houseack

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/idemlint/idemlint/testdata/queues/amqp/houseack/bus"
)

type jobs struct{ blobs *azblob.Client }

func (j jobs) On(ctx context.Context, body []byte) error {
	_, err := j.blobs.UploadBuffer(ctx, "jobs", string(body), nil, nil)
	return err
}

func Serve(ctx context.Context, b *bus.Bus, blobs *azblob.Client) error {
	return b.Listen(ctx, "jobs", jobs{blobs})
}

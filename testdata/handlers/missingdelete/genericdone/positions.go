package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Position is where a vehicle was.
type Position struct {
	Vehicle  string
	Lat, Lon float64
}

// TrackVehicles stores every position under its message's id.
func TrackVehicles(ctx context.Context, q *azqueue.QueueClient, tracks *container.Client, seen chan<- string) error {
	c := &Consumer[Position]{
		Queue: q,
		Idle:  2 * time.Second,
		Handle: func(ctx context.Context, id string, p Position) error {
			point := fmt.Appendf(nil, "%f %f\n", p.Lat, p.Lon)
			_, err := tracks.NewBlockBlobClient(p.Vehicle+"/"+id).UploadBuffer(ctx, point, nil)
			return err
		},
		OnDone: func(p Position) {
			select {
			case seen <- p.Vehicle:
			default:
			}
		},
	}
	return c.Run(ctx)
}

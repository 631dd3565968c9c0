// Package snapshots stores what cameras send over the service bus.
//
// Wrong: the blob is named by the millisecond of its arrival here, two calls below
// the receive. Stored, lock lost, delivered again: the same picture under another
// millisecond.
//
// Message: {"camera":"c-1","jpeg":"/9j/4AAQ"}
// Before: container pictures exists
package snapshots

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// BlobHandler stores pictures.
type BlobHandler interface {
	Store(ctx context.Context, camera string, at time.Time, picture io.Reader) error
}

type azureBlobs struct {
	client    *azblob.Client
	container string
}

func (a *azureBlobs) Store(ctx context.Context, camera string, at time.Time, picture io.Reader) error {
	name := fmt.Sprintf("%s/%s/%d.jpg", camera, at.Format("2006/01/02"), at.UnixMilli())
	_, err := a.client.UploadStream(ctx, a.container, name, picture, nil) // want `\(freshkey\)`
	return err
}

// Recorder records cameras.
type Recorder struct {
	Bus   *azservicebus.Receiver
	Blobs *azblob.Client
}

type arrival struct {
	at   time.Time
	body []byte
}

// Run records until the bus fails.
func (r *Recorder) Run(ctx context.Context) error {
	var blobs BlobHandler = &azureBlobs{client: r.Blobs, container: "pictures"}
	for {
		msgs, err := r.Bus.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			a := arrival{at: time.Now().UTC(), body: m.Body}
			if err := record(ctx, blobs, a); err != nil {
				log.Printf("picture %s: %v", m.MessageID, err)
				if err := r.Bus.AbandonMessage(context.WithoutCancel(ctx), m, nil); err != nil {
					return err
				}
				continue
			}
			if err := r.Bus.CompleteMessage(context.WithoutCancel(ctx), m, nil); err != nil {
				return err
			}
		}
	}
}

func record(ctx context.Context, blobs BlobHandler, a arrival) error {
	var in struct {
		Camera string `json:"camera"`
		JPEG   []byte `json:"jpeg"`
	}
	if err := json.Unmarshal(a.body, &in); err != nil {
		return err
	}
	return blobs.Store(ctx, in.Camera, a.at, bytes.NewReader(in.JPEG))
}

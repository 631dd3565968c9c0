// Package boards has the boards there are.
package boards

import (
	"context"
	"encoding/json"
	"path"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/idemlint/idemlint/testdata/handlers/unseen/d02board/worker"
)

// Blob is a board that the station's displays poll: one blob for the whole station.
type Blob struct {
	site *container.Client
	name string
}

// NewBlob returns the board of a station.
func NewBlob(site *container.Client, station string) *Blob {
	return &Blob{site: site, name: path.Join("stations", station, "next.json")}
}

// Show puts the departure on the displays.
func (b *Blob) Show(ctx context.Context, d worker.Departure) error {
	raw, err := json.Marshal(d)
	if err != nil {
		return err
	}
	_, err = b.site.NewBlockBlobClient(b.name).UploadBuffer(ctx, raw, nil)
	return err
}

// Package house keeps the newest version of each page: a blob by the page's id and
// version, so that what comes again writes the same.
package house

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/idemlint/idemlint/testdata/queues/jetstream/house/events"
)

type page struct {
	ID      string
	Version int
	HTML    string
}

func Run(ctx context.Context, c jetstream.Consumer, blobs *azblob.Client) error {
	r := events.NewRouter()
	r.On("pages.saved", func(ctx context.Context, data []byte) error {
		var p page
		if err := json.Unmarshal(data, &p); err != nil {
			return fmt.Errorf("%w: %w", events.ErrPermanent, err)
		}
		_, err := blobs.UploadBuffer(ctx, "pages", fmt.Sprintf("%s/%d.html", p.ID, p.Version), []byte(p.HTML), nil)
		return err
	})
	return r.Run(ctx, c)
}

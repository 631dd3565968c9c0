// Package result answers with a Result: the failure is given back. Right.
package result

import (
	"context"
	"errors"
	"net/http"

	"cloud.google.com/go/storage"
	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/protocol"
)

type Copier struct{ to *storage.BucketHandle }

func (c *Copier) Receive(ctx context.Context, e cloudevents.Event) protocol.Result {
	if len(e.Data()) == 0 {
		return cloudevents.NewHTTPResult(http.StatusBadRequest, "no data")
	}
	w := c.to.Object("events/" + e.Source() + "/" + e.ID()).NewWriter(ctx)
	_, err := w.Write(e.Data())
	if err := errors.Join(err, w.Close()); err != nil {
		return cloudevents.NewReceipt(false, "storing %s: %w", e.ID(), err)
	}
	return cloudevents.ResultACK
}

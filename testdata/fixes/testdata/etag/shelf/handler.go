// Package shelf moves stock with the block blob's own client. The conditions are there,
// and empty; a variable has the name of the package that the fix needs, which the file
// knows under another one.
package shelf

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	blobs "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

type move struct {
	Shelf string
	Item  string
	Place string
}

// Worker moves stock.
type Worker struct {
	Moves   *azservicebus.Receiver
	Shelves *container.Client
}

// Work handles messages until ctx ends.
func (w *Worker) Work(ctx context.Context) error {
	for ctx.Err() == nil {
		list, err := w.Moves.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range list {
			if err := w.move(ctx, m); err != nil {
				_ = w.Moves.AbandonMessage(ctx, m, nil)
				continue
			}
			if err := w.Moves.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Worker) move(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	var mv move
	if err := json.Unmarshal(m.Body, &mv); err != nil {
		return err
	}
	blob := w.Shelves.NewBlockBlobClient(mv.Shelf)
	answer, err := blob.DownloadStream(ctx, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var places map[string]string
	if err := json.NewDecoder(answer.Body).Decode(&places); err != nil {
		return err
	}
	places[mv.Item] = mv.Place
	text, err := json.Marshal(places)
	if err != nil {
		return err
	}
	// now: etag
	if _, err := blob.Upload(ctx, streaming.NopCloser(bytes.NewReader(text)), &blockblob.UploadOptions{AccessConditions: &blobs.AccessConditions{}}); err != nil {
		return err
	}
	return nil
}

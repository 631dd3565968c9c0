// Package shelfname has a variable of the name that the fix would import: the import gets
// another name.
package shelfname

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Rename handles one message.
func Rename(ctx context.Context, in *azservicebus.Receiver, shelves *container.Client) error {
	list, err := in.ReceiveMessages(ctx, 1, nil)
	if err != nil || len(list) == 0 {
		return err
	}
	var r struct{ Shelf, Item, Name string }
	if err := json.Unmarshal(list[0].Body, &r); err != nil {
		return err
	}
	blob := shelves.NewBlockBlobClient(r.Shelf)
	answer, err := blob.DownloadStream(ctx, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var names map[string]string
	if err := json.NewDecoder(answer.Body).Decode(&names); err != nil {
		return err
	}
	names[r.Item] = r.Name
	text, err := json.Marshal(names)
	if err != nil {
		return err
	}
	// now: etag
	if _, err := blob.UploadBuffer(ctx, text, nil); err != nil {
		return err
	}
	return in.CompleteMessage(ctx, list[0], nil)
}

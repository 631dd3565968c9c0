// Package manifest lists the pictures of an album in a JSON blob, as the service
// bus announces them.
//
// Wrong: the list only ever grows, under the ETag of the list read. A picture whose
// message is delivered again (crash before the completion) is listed again.
//
// Message: {"album":"alps","picture":"0017.jpg"}
// Before: blob albums/alps/manifest.json contains {"pictures":[]}
package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

type announcement struct {
	Album   string `json:"album"`
	Picture string `json:"picture"`
}

type manifest struct {
	Pictures []string `json:"pictures"`
}

// Indexer keeps the manifests.
type Indexer struct {
	Bus    *azservicebus.Receiver
	Albums *container.Client
}

// Run indexes until the bus fails.
func (ix *Indexer) Run(ctx context.Context) error {
	for {
		msgs, err := ix.Bus.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			settle := ix.Bus.CompleteMessage
			if err := ix.index(ctx, m.Body); err != nil {
				log.Printf("message %s: %v", m.MessageID, err)
				if err := ix.Bus.AbandonMessage(context.WithoutCancel(ctx), m, nil); err != nil {
					return err
				}
				continue
			}
			if err := settle(context.WithoutCancel(ctx), m, nil); err != nil {
				return fmt.Errorf("complete: %w", err)
			}
		}
	}
}

func (ix *Indexer) index(ctx context.Context, body []byte) error {
	var a announcement
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	b := ix.Albums.NewBlockBlobClient(a.Album + "/manifest.json")
	m, etag, err := read(ctx, b)
	if err != nil {
		return err
	}
	m.Pictures = append(m.Pictures, a.Picture)
	return write(ctx, b, m, etag)
}

func read(ctx context.Context, b *blockblob.Client) (m manifest, etag *azcore.ETag, err error) {
	got, err := b.DownloadStream(ctx, nil)
	if err != nil {
		return m, nil, err
	}
	defer got.Body.Close()
	err = json.NewDecoder(got.Body).Decode(&m)
	return m, got.ETag, err
}

func write(ctx context.Context, b *blockblob.Client, m manifest, etag *azcore.ETag) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = b.Upload(ctx, streaming.NopCloser(bytes.NewReader(raw)), &blockblob.UploadOptions{ // want `\(increment\)`
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: etag}},
	})
	return err
}

// Package shutdown copies a photo album, picture by picture, and stops politely when the process is told to.
//
// Wrong: copyAll returns nil when it is interrupted, as if it had finished, and the delete runs on a context that
// shutdown does not cancel: each deploy loses the rest of an album.
//
// Message: {"album":"al-1","pictures":{"p1":"AAA","p2":"BBB"}}
package shutdown

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Albums copies albums.
type Albums struct {
	Queue *azqueue.QueueClient
	Blobs *azblob.Client
}

type album struct {
	Album    string            `json:"album"`
	Pictures map[string]string `json:"pictures"`
}

// Copy copies albums until ctx ends or there are none.
func (a *Albums) Copy(ctx context.Context) error {
	for ctx.Err() == nil {
		r, err := a.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(300))})
		if err != nil {
			return fmt.Errorf("albums: %w", err)
		}
		if len(r.Messages) == 0 {
			return nil
		}
		m := r.Messages[0]
		var x album
		if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
			return fmt.Errorf("album %s: %w", *m.MessageID, err)
		}
		if err := a.copyAll(ctx, x); err != nil {
			return fmt.Errorf("album %s: %w", x.Album, err)
		}
		if err := a.remove(ctx, m); err != nil {
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (a *Albums) copyAll(ctx context.Context, x album) error {
	for name, data := range x.Pictures {
		if ctx.Err() != nil {
			log.Printf("album %s: stopping", x.Album)
			return nil
		}
		if _, err := a.Blobs.UploadBuffer(context.WithoutCancel(ctx), "albums", x.Album+"/"+name, []byte(data), nil); err != nil {
			return err
		}
	}
	return nil
}

func (a *Albums) remove(ctx context.Context, m *azqueue.DequeuedMessage) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err := a.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // miss `\(deleteonerror\)`
	return err
}

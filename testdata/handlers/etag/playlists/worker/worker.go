// Package worker puts tracks into playlists.
package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"sort"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/etag/playlists/blobstore"
)

// KV is what the worker needs of a store.
type KV interface {
	Read(ctx context.Context, key string) ([]byte, error)
	Write(ctx context.Context, key string, value []byte) error
}

type addTrack struct {
	Playlist string `json:"playlist"`
	Track    string `json:"track"`
	Position int    `json:"position"`
}

type entry struct {
	Track    string `json:"track"`
	Position int    `json:"position"`
}

// Worker puts tracks into playlists.
type Worker struct {
	q  *azqueue.QueueClient
	kv KV
}

// New returns a Worker that keeps playlists in blobs.
func New(q *azqueue.QueueClient, blobs *azblob.Client) *Worker {
	return &Worker{q: q, kv: blobstore.New(blobs, "media", blobstore.WithPrefix("playlists/"))}
}

// Serve handles messages until an error of the queue.
func (w *Worker) Serve(ctx context.Context) error {
	for {
		r, err := w.q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2))})
		if err != nil {
			return fmt.Errorf("playlists: %w", err)
		}
		for _, m := range r.Messages {
			if err := w.add(ctx, []byte(*m.MessageText)); err != nil {
				log.Printf("playlists: %s: %v", *m.MessageID, err)
				continue
			}
			if _, err := w.q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return fmt.Errorf("playlists: %w", err)
			}
		}
	}
}

func (w *Worker) add(ctx context.Context, body []byte) error {
	var a addTrack
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	raw, err := w.kv.Read(ctx, a.Playlist)
	if err != nil {
		return err
	}
	var list []entry
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	for _, e := range list {
		if e.Track == a.Track {
			return nil // already there
		}
	}
	list = append(list, entry{Track: a.Track, Position: a.Position})
	sort.Slice(list, func(i, j int) bool { return list[i].Position < list[j].Position })
	if raw, err = json.Marshal(list); err != nil {
		return err
	}
	return w.kv.Write(ctx, a.Playlist, raw) // want `read-modify-write without a precondition.*\(etag\)`
}

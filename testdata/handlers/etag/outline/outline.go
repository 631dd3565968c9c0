// Package outline marks every ancestor of an edited section as stale, up to the
// root of the document; the two halves of the walk call each other.
package outline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const sections = "sections"

type section struct {
	ID     string          `json:"id"`
	Parent string          `json:"parent,omitempty"`
	Stale  map[string]bool `json:"stale"`
}

type edited struct {
	Section string `json:"section"`
	Parent  string `json:"parent"`
}

type walker struct {
	blobs *azblob.Client
}

// mark enters a child into its parent's set, then climbs.
func (w walker) mark(ctx context.Context, parent, child string) error {
	resp, err := w.blobs.DownloadStream(ctx, sections, parent, nil)
	if err != nil {
		return fmt.Errorf("section %s: %w", parent, err)
	}
	raw, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return fmt.Errorf("section %s: %w", parent, err)
	}
	var s section
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("section %s: %w", parent, err)
	}
	s.Stale[child] = true
	if raw, err = json.Marshal(s); err != nil {
		return err
	}
	if _, err = w.blobs.UploadBuffer(ctx, sections, parent, raw, nil); err != nil { // want `read-modify-write without a precondition.*\(etag\)`
		return fmt.Errorf("section %s: %w", parent, err)
	}
	return w.climb(ctx, s)
}

func (w walker) climb(ctx context.Context, s section) error {
	if s.Parent == "" {
		return nil
	}
	return w.mark(ctx, s.Parent, s.ID)
}

// Process handles the messages of one poll.
func Process(ctx context.Context, q *azqueue.QueueClient, blobs *azblob.Client) error {
	w := walker{blobs}
	r, err := q.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range r.Messages {
		var e edited
		if err := json.Unmarshal([]byte(*m.MessageText), &e); err != nil {
			log.Printf("outline: message %s: %v", *m.MessageID, err)
			continue
		}
		if err := w.mark(ctx, e.Parent, e.Section); err != nil {
			log.Printf("outline: message %s: %v", *m.MessageID, err)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("outline: delete: %w", err)
		}
	}
	return nil
}

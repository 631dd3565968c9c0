// Package outline marks every ancestor of an edited section as stale, up to the
// root of the document.
//
// Right although the functions call each other in a circle: each section is
// written under the ETag of its own download; after a refusal the circle starts
// again at that section.
package outline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type section struct {
	ID     string          `json:"id"`
	Parent string          `json:"parent,omitempty"`
	Stale  map[string]bool `json:"stale"`
}

// Outliner owns the walk.
type Outliner struct {
	Sections *container.Client
	Edits    *azqueue.QueueClient
}

func (o *Outliner) mark(ctx context.Context, parent, child string, tries int) error {
	if tries == 0 {
		return fmt.Errorf("section %s is too busy", parent)
	}
	s, etag, err := o.fetch(ctx, parent)
	if err != nil {
		return err
	}
	s.Stale[child] = true
	err = o.put(ctx, s, etag)
	if bloberror.HasCode(err, bloberror.ConditionNotMet) {
		return o.mark(ctx, parent, child, tries-1)
	}
	if err != nil {
		return err
	}
	return o.climb(ctx, s)
}

func (o *Outliner) climb(ctx context.Context, s *section) error {
	if s.Parent == "" {
		slog.Debug("root reached", "stale", slices.Sorted(maps.Keys(s.Stale)))
		return nil
	}
	return o.mark(ctx, s.Parent, s.ID, 3)
}

func (o *Outliner) fetch(ctx context.Context, id string) (*section, *azcore.ETag, error) {
	resp, err := o.Sections.NewBlobClient(id).DownloadStream(ctx, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("section %s: %w", id, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("section %s: %w", id, err)
	}
	s := &section{}
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, nil, fmt.Errorf("section %s: %w", id, err)
	}
	return s, resp.ETag, nil
}

func (o *Outliner) put(ctx context.Context, s *section, etag *azcore.ETag) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	opts := &blockblob.UploadBufferOptions{AccessConditions: &blob.AccessConditions{
		ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: etag},
	}}
	_, err = o.Sections.NewBlockBlobClient(s.ID).UploadBuffer(ctx, raw, opts)
	return err
}

// Poll handles at most one edit.
func (o *Outliner) Poll(ctx context.Context) error {
	r, err := o.Edits.DequeueMessage(ctx, nil)
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var e struct{ Section, Parent string }
	if err := json.Unmarshal([]byte(*m.MessageText), &e); err != nil {
		return fmt.Errorf("edit %s: %w", *m.MessageID, err)
	}
	if err := o.mark(ctx, e.Parent, e.Section, 3); err != nil {
		return fmt.Errorf("edit %s: %w", *m.MessageID, err)
	}
	_, err = o.Edits.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

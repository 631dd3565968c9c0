// Package manifest keeps the manifest of a release train up to date.
//
// Right although the ETag comes from another call than the content: it is read
// first. If the blob changes between the two reads the content is newer than the
// ETag, and the upload is refused (412); nothing can be lost.
package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type manifest struct {
	Packages map[string]string `json:"packages"`
}

type built struct {
	Train   string `json:"train"`
	Package string `json:"package"`
	Version string `json:"version"`
}

// Handler records built packages.
type Handler struct {
	Queue  *azqueue.QueueClient
	Trains *container.Client
}

// Handle takes one batch.
func (h *Handler) Handle(ctx context.Context) error {
	r, err := h.Queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("dequeue: %w", err)
	}
	for _, m := range r.Messages {
		logger := slog.With("message", *m.MessageID)
		var b built
		if err := json.Unmarshal([]byte(*m.MessageText), &b); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		if err := h.record(ctx, b); err != nil {
			logger.Warn("not recorded", "err", err)
			continue
		}
		if _, err := h.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			logger.Warn("not deleted", "err", err)
		}
	}
	return nil
}

func (h *Handler) record(ctx context.Context, b built) error {
	bb := h.Trains.NewBlockBlobClient("trains/" + b.Train + ".json")
	props, err := bb.GetProperties(ctx, nil)
	if err != nil {
		return fmt.Errorf("properties: %w", err)
	}
	buf := make([]byte, *props.ContentLength)
	if _, err := bb.DownloadBuffer(ctx, buf, nil); err != nil {
		return fmt.Errorf("download: %w", err)
	}
	var mf manifest
	if err := json.Unmarshal(buf, &mf); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	mf.Packages[b.Package] = b.Version
	raw, err := json.Marshal(mf)
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	var opts blockblob.UploadOptions
	opts.AccessConditions = &blob.AccessConditions{
		ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: props.ETag},
	}
	_, err = bb.Upload(ctx, streaming.NopCloser(bytes.NewReader(raw)), &opts)
	return err
}

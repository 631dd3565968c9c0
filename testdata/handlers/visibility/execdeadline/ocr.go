// Package ocr reads scanned pages with tesseract.
//
// Right: the process is killed after four minutes, the lease is five; both come from one struct.
package ocr

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type limits struct {
	lease, process time.Duration
}

var production = limits{lease: 5 * time.Minute, process: 4 * time.Minute}

// Reader reads pages from a share.
type Reader struct {
	limits
	pages *azqueue.QueueClient
	texts *azblob.Client
	share string
}

// NewReader uses the production limits.
func NewReader(pages *azqueue.QueueClient, texts *azblob.Client, share string) *Reader {
	return &Reader{limits: production, pages: pages, texts: texts, share: share}
}

// Read reads the next page.
func (r *Reader) Read(ctx context.Context) error {
	seconds := int32(r.lease / time.Second)
	out, err := r.pages.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(seconds)})
	if err != nil {
		return err
	}
	for _, page := range out.Messages {
		text, err := r.recognise(ctx, *page.MessageText)
		if err != nil {
			slog.Error("page", "id", *page.MessageID, "delivery", *page.DequeueCount, "err", err)
			continue
		}
		if _, err := r.texts.UploadBuffer(ctx, "texts", *page.MessageID+".txt", text, nil); err != nil {
			slog.Error("text", "id", *page.MessageID, "err", err)
			continue
		}
		if _, err := r.pages.DeleteMessage(ctx, *page.MessageID, *page.PopReceipt, nil); err != nil {
			slog.Error("delete", "id", *page.MessageID, "err", err)
		}
	}
	return nil
}

func (r *Reader) recognise(parent context.Context, page string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(parent, r.process)
	defer cancel()
	text, err := exec.CommandContext(ctx, "tesseract", filepath.Join(r.share, filepath.Base(page)), "stdout").Output()
	if err != nil {
		return nil, fmt.Errorf("tesseract: %w", err)
	}
	return text, nil
}

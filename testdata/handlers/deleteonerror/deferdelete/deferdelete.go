// Package deferdelete stores passports' photographs.
//
// Wrong: the delete is deferred as soon as there is a message, so it runs when the upload fails, too: one 503 from
// the blob service and the photograph is gone.
//
// Message: {"passport":"pp-1","photo":"AAEC"}
package deferdelete

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Handler stores photographs.
type Handler struct {
	Queue *azqueue.QueueClient
	Blobs *azblob.Client
}

// Poll handles one message, if there is one.
func (h *Handler) Poll(ctx context.Context) error {
	r, err := h.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("poll: %w", err)
	}
	for _, m := range r.Messages {
		if err := h.handle(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (h *Handler) handle(ctx context.Context, m *azqueue.DequeuedMessage) error {
	defer h.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil) // want `\(deleteonerror\)`

	var p struct {
		Passport string `json:"passport"`
		Photo    []byte `json:"photo"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
		return fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	if _, err := h.Blobs.UploadBuffer(ctx, "photographs", p.Passport+".jpg", p.Photo, nil); err != nil {
		return fmt.Errorf("photograph of %s: %w", p.Passport, err)
	}
	return nil
}

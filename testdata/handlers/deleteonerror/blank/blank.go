// Package blank keeps the raw requests of a payment provider for the auditors.
//
// Wrong: the upload's error goes to the blank identifier; the message is deleted whether the auditors have their
// copy or not.
//
// Message: {"event":"evt-5","type":"paid"}
package blank

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Audit keeps one request.
func Audit(ctx context.Context, hooks *azqueue.QueueClient, vault *azblob.Client) (string, error) {
	r, err := hooks.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return "", fmt.Errorf("hooks: %w", err)
	}
	if len(r.Messages) == 0 {
		return "", nil
	}
	m := r.Messages[0]
	var e struct{ Event, Type string }
	if err := json.Unmarshal([]byte(*m.MessageText), &e); err != nil {
		return "", fmt.Errorf("hook %s: %w", *m.MessageID, err)
	}
	_, _ = vault.UploadBuffer(ctx, "audit", e.Type+"/"+e.Event+".json", []byte(*m.MessageText), nil)
	_, err = hooks.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `\(deleteonerror\)`
	return e.Event, err
}

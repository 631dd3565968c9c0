// Package dupstamp archives the time stamps of a clocking-in terminal.
package dupstamp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

type duplicateError struct{ name string }

func (e *duplicateError) Error() string { return e.name + " is there already" }

type permanentError struct{ error }

// Terminal archives stamps.
type Terminal struct {
	receiver *azservicebus.Receiver
	blobs    *azblob.Client
}

// Listen ends with the context.
func (t *Terminal) Listen(ctx context.Context) error {
	for {
		batch, err := t.receiver.ReceiveMessages(ctx, 5, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, msg := range batch {
			t.settle(context.WithoutCancel(ctx), msg, t.archive(ctx, msg))
		}
	}
}

func (t *Terminal) settle(ctx context.Context, msg *azservicebus.ReceivedMessage, cause error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()

	var dup *duplicateError
	var perm permanentError
	var err error
	switch {
	case errors.As(cause, &dup):
		slog.Info("duplicate stamp", "message", msg.MessageID, "name", dup.name)
		return // want `(work succeeded|already done).*unsettled.*\(missingdelete\)`
	case errors.As(cause, &perm):
		err = t.receiver.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{
			Reason:           to.Ptr("invalid"),
			ErrorDescription: to.Ptr(perm.Error()),
		})
	case cause != nil:
		slog.Error("stamp", "message", msg.MessageID, "delivery", msg.DeliveryCount, "err", cause)
		err = t.receiver.AbandonMessage(ctx, msg, nil)
	default:
		err = t.receiver.CompleteMessage(ctx, msg, nil)
	}
	if err != nil {
		slog.Error("settle", "message", msg.MessageID, "err", err)
	}
}

func (t *Terminal) archive(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	var stamp struct {
		Employee string    `json:"employee"`
		At       time.Time `json:"at"`
	}
	if err := json.Unmarshal(msg.Body, &stamp); err != nil {
		return permanentError{err}
	}
	name := path.Join(stamp.Employee, stamp.At.UTC().Format("2006/01/02"), msg.MessageID+".json")
	_, err := t.blobs.UploadBuffer(ctx, "stamps", name, msg.Body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)},
		},
	})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet) {
		return fmt.Errorf("archive: %w", &duplicateError{name})
	}
	return err
}

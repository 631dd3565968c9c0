// Package signup turns queued sign-ups into rows, at most one row a sign-up.
package signup

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type worker struct {
	source *azqueue.QueueClient
	users  *aztables.Client
}

// Tick is called by the scheduler.
func Tick(ctx context.Context, source *azqueue.QueueClient, users *aztables.Client) error {
	w := &worker{source: source, users: users}
	res, err := w.source.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, msg := range res.Messages {
		if err := w.register(ctx, msg); err != nil {
			log.Printf("sign-up %s, delivery %d: %v", *msg.MessageID, *msg.DequeueCount, err)
		}
	}
	return nil
}

func (w *worker) register(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	plain, err := base64.StdEncoding.DecodeString(*msg.MessageText)
	if err != nil {
		return err
	}
	user, err := json.Marshal(map[string]any{
		"PartitionKey": "user",
		"RowKey":       *msg.MessageID,
		"Form":         string(plain),
	})
	if err != nil {
		return err
	}
	_, err = w.users.AddEntity(ctx, user, nil)
	var failed *azcore.ResponseError
	switch {
	case errors.As(err, &failed) && failed.StatusCode == http.StatusConflict && failed.ErrorCode == string(aztables.EntityAlreadyExists):
		// An earlier delivery got this far.
		return nil // want `already done.*unsettled.*\(missingdelete\)`
	case err != nil:
		return err
	}
	_, err = w.source.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}

// Package journal appends door events to the site's log of the day.
package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type doorEvent struct {
	Site string `json:"site"`
	Day  string `json:"day"`
	Door string `json:"door"`
	Card string `json:"card"`
}

var errEmpty = errors.New("queue is empty")

// Next handles one event.
func Next(ctx context.Context, events *azqueue.QueueClient, logs *container.Client) error {
	out, err := events.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(out.Messages) == 0 {
		return errEmpty
	}
	msg := out.Messages[0]
	var ev doorEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &ev); err != nil {
		return fmt.Errorf("event %s: %w", *msg.MessageID, err)
	}
	if err := appendLine(ctx, logs, ev); err != nil {
		return fmt.Errorf("event %s: %w", *msg.MessageID, err)
	}
	events.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil) // want `error of the settle is dropped.*\(missingdelete\)`
	return nil
}

func appendLine(ctx context.Context, logs *container.Client, ev doorEvent) error {
	line := []byte(ev.Door + ";" + ev.Card + "\n")
	dst := logs.NewAppendBlobClient(ev.Site + "/" + ev.Day + ".log")
	_, err := dst.AppendBlock(ctx, streaming.NopCloser(bytes.NewReader(line)), nil) // want `applies a change.*\(increment\)`
	return err
}

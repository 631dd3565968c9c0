// Package scanlabels labels uploaded files with what the scanners found.
package scanlabels

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Start labels files until the context is done.
func Start(ctx context.Context, account *azblob.Client, queue *azqueue.QueueClient, containerName string) {
	files := account.ServiceClient().NewContainerClient(containerName)

	getLabels := func(file string) (map[string]*string, error) {
		props, err := files.NewBlobClient(file).GetProperties(ctx, nil)
		if err != nil {
			return nil, err
		}
		return props.Metadata, nil
	}

	setLabels := func(file string, meta map[string]*string) error {
		_, err := files.NewBlobClient(file).SetMetadata(ctx, meta, nil) // want `read-modify-write without a precondition.*\(etag\)`
		return err
	}

	addLabels := func(file string, labels []string) error {
		meta, err := getLabels(file)
		if err != nil {
			return err
		}
		if meta == nil {
			meta = map[string]*string{}
		}
		var have []string
		for k, v := range meta {
			if strings.EqualFold(k, "labels") && v != nil {
				have = strings.Split(*v, ",")
				delete(meta, k)
			}
		}
		have = append(have, labels...)
		slices.Sort(have)
		have = slices.Compact(have)
		meta["labels"] = to.Ptr(strings.Join(have, ","))
		return setLabels(file, meta)
	}

	handle := func(msg *azqueue.DequeuedMessage) error {
		var found struct {
			File   string   `json:"file"`
			Labels []string `json:"labels"`
		}
		if err := json.Unmarshal([]byte(*msg.MessageText), &found); err != nil {
			return err
		}
		if len(found.Labels) == 0 {
			return nil
		}
		return addLabels(found.File, found.Labels)
	}

	for {
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4))})
		if err != nil {
			slog.Error("dequeue", "err", err)
		}
		for _, msg := range resp.Messages {
			if err := handle(msg); err == nil {
				if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err == nil {
					slog.Info("labelled", "message", *msg.MessageID)
				} else {
					slog.Error("delete", "message", *msg.MessageID, "err", err)
				}
			} else {
				slog.Error("label", "message", *msg.MessageID, "delivery", *msg.DequeueCount, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

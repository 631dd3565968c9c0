// Package lockers opens lockers, five seconds each, sixteen a round.
//
// Right: a round receives sixteen times, one message a time, so that no message waits for another on its lease of
// 30 s, although the round lasts 80.
package lockers

import (
	"context"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const (
	perRound = 16
	opening  = 5 * time.Second
)

// Round opens at most sixteen lockers.
func Round(ctx context.Context, q *azqueue.QueueClient, audit *azblob.Client) (opened int, err error) {
	for range perRound {
		m, err := next(ctx, q)
		if err != nil || m == nil {
			return opened, err
		}
		time.Sleep(opening)
		if _, err := audit.UploadBuffer(ctx, "lockers", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
			slog.Error("audit", "locker", *m.MessageText, "delivery", *m.DequeueCount, "err", err)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return opened, err
		}
		opened++
	}
	return opened, nil
}

func next(ctx context.Context, q *azqueue.QueueClient) (*azqueue.DequeuedMessage, error) {
	r, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(1)), VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil || len(r.Messages) == 0 {
		return nil, err
	}
	return r.Messages[0], nil
}

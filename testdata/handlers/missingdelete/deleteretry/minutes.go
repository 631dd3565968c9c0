// Package minutes stores the minutes of meetings.
//
// Right: the delete is tried up to four times with a growing pause; a message that is not found was deleted by
// an earlier try whose answer was lost, and counts as settled. What is left undeleted is only written again,
// under its own id.
package minutes

import (
	"context"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2/queueerror"
)

// Secretary writes minutes down.
type Secretary struct {
	queue *azqueue.QueueClient
	files *azblob.Client
}

// NewSecretary turns the SDK's own retries off; this package has its own.
func NewSecretary(conn string) (*Secretary, error) {
	once := azcore.ClientOptions{Retry: policy.RetryOptions{MaxRetries: -1}}
	queue, err := azqueue.NewQueueClientFromConnectionString(conn, "minutes", &azqueue.ClientOptions{ClientOptions: once})
	if err != nil {
		return nil, err
	}
	files, err := azblob.NewClientFromConnectionString(conn, nil)
	if err != nil {
		return nil, err
	}
	return &Secretary{queue: queue, files: files}, nil
}

// Sit works until the context is done.
func (s *Secretary) Sit(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := s.queue.DequeueMessage(ctx, nil)
		if err != nil || len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if _, err := s.files.UploadBuffer(ctx, "minutes", *m.MessageID, []byte(*m.MessageText), nil); err != nil {
			slog.Error("minutes not stored", "id", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
			continue
		}
		if !s.settled(ctx, m) {
			slog.Warn("minutes stored, but still queued", "id", *m.MessageID)
		}
	}
}

func (s *Secretary) settled(ctx context.Context, m *azqueue.DequeuedMessage) bool {
	pause := 100 * time.Millisecond
	for range 4 {
		_, err := s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
		if err == nil || queueerror.HasCode(err, queueerror.MessageNotFound) {
			return true
		}
		time.Sleep(pause)
		pause *= 2
	}
	return false
}

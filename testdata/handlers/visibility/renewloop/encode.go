// Package encode encodes audio books with an external program of unknown duration.
//
// Right: a goroutine renews the lease three times as often as needed, keeps each new receipt under a mutex,
// and stops the program when a renewal fails.
package encode

import (
	"context"
	"errors"
	"log/slog"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const lease = 90 * time.Second

var errLeaseLost = errors.New("lease lost")

// Encoder works alone.
type Encoder struct {
	Queue *azqueue.QueueClient
	Books *container.Client
}

type held struct {
	queue *azqueue.QueueClient
	msg   *azqueue.DequeuedMessage

	mu      sync.Mutex
	receipt string
}

// Next encodes one book.
func (e *Encoder) Next(ctx context.Context) error {
	resp, err := e.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(lease / time.Second))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	h := &held{queue: e.Queue, msg: resp.Messages[0], receipt: *resp.Messages[0].PopReceipt}
	if *h.msg.DequeueCount > 3 {
		slog.Warn("difficult book", "id", *h.msg.MessageID)
	}
	work, cancel := context.WithCancelCause(ctx)
	renewing := make(chan struct{})
	go func() {
		defer close(renewing)
		h.keep(work, cancel)
	}()
	err = e.encode(work, *h.msg.MessageID, *h.msg.MessageText)
	cancel(nil)
	<-renewing
	if errors.Is(context.Cause(work), errLeaseLost) {
		return errLeaseLost
	}
	if err != nil {
		return err
	}
	return h.delete(ctx)
}

func (e *Encoder) encode(ctx context.Context, id, text string) error {
	cmd := exec.CommandContext(ctx, "espeak", "--stdin", "--stdout")
	cmd.Stdin = strings.NewReader(text)
	sound, err := cmd.Output()
	if err != nil {
		return err
	}
	_, err = e.Books.NewBlockBlobClient(id+".wav").UploadBuffer(ctx, sound, nil)
	return err
}

func (h *held) keep(ctx context.Context, cancel context.CancelCauseFunc) {
	t := time.NewTicker(lease / 3)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := h.renew(ctx); err != nil {
				slog.Error("renew", "id", *h.msg.MessageID, "err", err)
				cancel(errLeaseLost)
				return
			}
		}
	}
}

func (h *held) renew(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	u, err := h.queue.UpdateMessage(ctx, *h.msg.MessageID, h.receipt, *h.msg.MessageText, &azqueue.UpdateMessageOptions{
		VisibilityTimeout: to.Ptr(int32(lease / time.Second)),
	})
	if err != nil {
		return err
	}
	h.receipt = *u.PopReceipt
	return nil
}

func (h *held) delete(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.queue.DeleteMessage(ctx, *h.msg.MessageID, h.receipt, nil)
	return err
}

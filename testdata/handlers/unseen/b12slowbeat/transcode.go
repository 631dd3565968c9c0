// Package slowbeat transcodes recordings while a goroutine keeps the message invisible.
package slowbeat

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	visibility = 60 // seconds
	beat       = 2 * time.Minute
)

// Transcoder transcodes.
type Transcoder struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// Run ends with the context.
func (t *Transcoder) Run(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := t.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(visibility))})
		if err != nil {
			slog.Error("dequeue", "err", err)
			time.Sleep(5 * time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		if err := t.one(ctx, resp.Messages[0]); err != nil {
			slog.Error("recording", "message", *resp.Messages[0].MessageID, "delivery", *resp.Messages[0].DequeueCount, "err", err)
		}
	}
}

// held is a message whose receipt changes with each renewal.
type held struct {
	queue *azqueue.QueueClient
	id    string
	text  string

	mu      sync.Mutex
	receipt string
}

func (h *held) renew(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	resp, err := h.queue.UpdateMessage(ctx, h.id, h.receipt, h.text, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(visibility))}) // want `renewal.*\(visibility\)`
	if err != nil {
		return err
	}
	h.receipt = *resp.PopReceipt
	return nil
}

func (h *held) delete(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.queue.DeleteMessage(ctx, h.id, h.receipt, nil)
	return err
}

func (t *Transcoder) one(ctx context.Context, m *azqueue.DequeuedMessage) error {
	h := &held{queue: t.queue, id: *m.MessageID, text: *m.MessageText, receipt: *m.PopReceipt}
	work, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()

	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		ticker := time.NewTicker(beat)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				if err := h.renew(work); err != nil {
					slog.Error("renew", "message", h.id, "err", err)
					cancel()
					return
				}
			}
		}
	}()
	err := t.transcode(work, h.id, h.text)
	close(done)
	wg.Wait()
	if err != nil {
		return err
	}
	return h.delete(context.WithoutCancel(ctx))
}

func (t *Transcoder) transcode(ctx context.Context, id, source string) error {
	dir, err := os.MkdirTemp("", "transcode")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "out.mp4")
	if text, err := exec.CommandContext(ctx, "ffmpeg", "-i", source, "-c:v", "libx264", "-bitexact", out).CombinedOutput(); err != nil {
		return fmt.Errorf("ffmpeg: %w: %s", err, text)
	}
	f, err := os.Open(out)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = t.blobs.UploadFile(ctx, "videos", id+".mp4", f, nil)
	return err
}

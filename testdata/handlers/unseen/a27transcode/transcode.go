// Package transcode makes videos small.
package transcode

import (
	"context"
	"encoding/json"
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
	visibility = 60 * time.Second
	longest    = 20 * time.Minute
)

type video struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Height int    `json:"height"`
}

// lease holds a message while it is worked on.
type lease struct {
	queue *azqueue.QueueClient
	id    string
	text  string

	mu      sync.Mutex
	receipt string
}

func (l *lease) extend(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, err := l.queue.UpdateMessage(ctx, l.id, l.receipt, l.text, &azqueue.UpdateMessageOptions{ // want `renewal.*\(visibility\)`
		VisibilityTimeout: to.Ptr(int32(visibility.Seconds())),
	})
	if err != nil {
		return err
	}
	l.receipt = *r.PopReceipt
	return nil
}

func (l *lease) keep(ctx context.Context, lost context.CancelFunc) {
	ticker := time.NewTicker(visibility)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := l.extend(ctx); err != nil {
				if ctx.Err() == nil {
					slog.ErrorContext(ctx, "lease lost", "message", l.id, "err", err)
				}
				lost()
				return
			}
		}
	}
}

func (l *lease) done(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.queue.DeleteMessage(ctx, l.id, l.receipt, nil)
	return err
}

// Worker transcodes one video at a time.
type Worker struct {
	queue  *azqueue.QueueClient
	videos *azblob.Client
	tmp    string
}

// NewWorker returns a Worker that uses a folder for its files.
func NewWorker(queue *azqueue.QueueClient, videos *azblob.Client, tmp string) *Worker {
	return &Worker{queue: queue, videos: videos, tmp: tmp}
}

// Run transcodes until the context ends.
func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(visibility.Seconds()))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(10 * time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := w.handle(ctx, m); err != nil {
			slog.ErrorContext(ctx, "transcode", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
		}
	}
	return ctx.Err()
}

func (w *Worker) handle(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var v video
	if err := json.Unmarshal([]byte(*m.MessageText), &v); err != nil {
		return err
	}
	l := &lease{queue: w.queue, id: *m.MessageID, text: *m.MessageText, receipt: *m.PopReceipt}

	work, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	keeping, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		l.keep(keeping, cancel)
	}()
	err := w.transcode(work, v)
	stop()
	wg.Wait()
	if err != nil {
		return err
	}
	return l.done(ctx)
}

func (w *Worker) transcode(ctx context.Context, v video) error {
	dir, err := os.MkdirTemp(w.tmp, "video-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	in, err := os.Create(filepath.Join(dir, "in"))
	if err != nil {
		return err
	}
	defer in.Close()
	if _, err := w.videos.DownloadFile(ctx, "uploads", v.Source, in, nil); err != nil {
		return fmt.Errorf("download %s: %w", v.Source, err)
	}

	target := filepath.Join(dir, "out.mp4")
	cmd := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-i", in.Name(), "-vf", fmt.Sprintf("scale=-2:%d", v.Height), target)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("ffmpeg: %w: %s", err, out)
	}

	f, err := os.Open(target)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = w.videos.UploadFile(ctx, "videos", fmt.Sprintf("%s/%dp.mp4", v.ID, v.Height), f, nil)
	return err
}

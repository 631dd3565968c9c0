// Package convert converts films with a program that may hang. The converter is wrapped in one that measures and in
// one that logs; the context they pass on ends at the program, which does not take one.
package convert

import (
	"bytes"
	"context"
	"expvar"
	"fmt"
	"log/slog"
	"os/exec"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Converter converts the film at a URL.
type Converter interface {
	Convert(ctx context.Context, url string) ([]byte, error)
}

type program struct{ path string }

func (p program) Convert(_ context.Context, url string) ([]byte, error) {
	var out, log bytes.Buffer
	cmd := exec.Command(p.path, "-i", url, "-f", "webm", "-")
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil { // want `wait without a bound.*\(visibility\)`
		return nil, fmt.Errorf("%w: %s", err, log.Bytes())
	}
	return out.Bytes(), nil
}

var seconds = expvar.NewFloat("convert_seconds")

type metered struct{ Converter }

func (m metered) Convert(ctx context.Context, url string) ([]byte, error) {
	defer func(start time.Time) { seconds.Add(time.Since(start).Seconds()) }(time.Now())
	return m.Converter.Convert(ctx, url)
}

type logged struct{ next Converter }

func (l logged) Convert(ctx context.Context, url string) ([]byte, error) {
	film, err := l.next.Convert(ctx, url)
	slog.InfoContext(ctx, "converted", "url", url, "bytes", len(film), "err", err)
	return film, err
}

// Worker converts films.
type Worker struct {
	films *azqueue.QueueClient
	blobs *azblob.Client
	conv  Converter
}

// NewWorker returns a Worker.
func NewWorker(films *azqueue.QueueClient, blobs *azblob.Client, path string) *Worker {
	return &Worker{films: films, blobs: blobs, conv: logged{metered{program{path}}}}
}

// Run ends with the context.
func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.films.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(600))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			film, err := w.conv.Convert(ctx, *m.MessageText)
			if err == nil {
				_, err = w.blobs.UploadBuffer(ctx, "films", *m.MessageID+".webm", film, nil)
			}
			if err != nil {
				slog.ErrorContext(ctx, "film", "id", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := w.films.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

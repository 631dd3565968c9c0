// Package convert turns office documents into PDF.
//
// Wrong: nothing bounds the converter, the lease is five minutes and nobody renews it.
package convert

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const leaseSeconds = 5 * 60

// Service converts.
type Service struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	dir   string
}

// NewService returns a Service that works in dir.
func NewService(queue *azqueue.QueueClient, blobs *azblob.Client, dir string) *Service {
	return &Service{queue: queue, blobs: blobs, dir: dir}
}

// Run converts one document after the other.
func (s *Service) Run(ctx context.Context) error {
	for {
		resp, err := s.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(leaseSeconds))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := s.convert(ctx, *m.MessageText); err != nil {
				slog.Error("convert", "doc", *m.MessageText, "count", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("delete", "doc", *m.MessageText, "err", err)
			}
		}
		if len(resp.Messages) == 0 {
			time.Sleep(10 * time.Second)
		}
	}
}

func (s *Service) convert(ctx context.Context, doc string) error {
	source, err := s.fetch(ctx, doc)
	if err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	defer os.Remove(source)
	pdf, err := office(ctx, source)
	if err != nil {
		return fmt.Errorf("office: %w", err)
	}
	_, err = s.blobs.UploadBuffer(ctx, "pdf", doc+".pdf", pdf, nil)
	return err
}

func (s *Service) fetch(ctx context.Context, doc string) (string, error) {
	f, err := os.Create(filepath.Join(s.dir, filepath.Base(doc)))
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = s.blobs.DownloadFile(ctx, "documents", doc, f, nil)
	return f.Name(), err
}

func office(ctx context.Context, source string) ([]byte, error) {
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, "unoconv", "--stdout", "-f", "pdf", source)
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	slog.Debug("converter started", "pid", cmd.Process.Pid)
	if err := cmd.Wait(); err != nil { // want `wait without a bound.*\(visibility\)`
		return nil, fmt.Errorf("%w: %s", err, problems.String())
	}
	return out.Bytes(), nil
}

// Package transcode runs ffmpeg for each film that is queued.
package transcode

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type transcoder struct {
	films *azqueue.QueueClient
	blobs *azblob.Client
	mount string
}

// One handles the next film.
func One(ctx context.Context, films *azqueue.QueueClient, blobs *azblob.Client, mount string) error {
	t := transcoder{films, blobs, mount}
	got, err := t.films.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(3600))})
	if err != nil {
		return err
	}
	for _, m := range got.Messages {
		slog.Info("transcode", "film", *m.MessageText, "delivery", *m.DequeueCount)
		small, err := t.shrink(*m.MessageText)
		if err != nil {
			return err
		}
		if _, err := t.blobs.UploadBuffer(ctx, "small", *m.MessageID+".mp4", small, nil); err != nil {
			return err
		}
		if _, err := t.films.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

func (t transcoder) shrink(film string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "transcode")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "small.mp4")
	cmd := exec.Command("ffmpeg", "-i", filepath.Join(t.mount, filepath.Base(film)), "-vf", "scale=-2:360", out)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil { // want `wait without a bound.*\(visibility\)`
		return nil, fmt.Errorf("ffmpeg: %w", err)
	}
	return os.ReadFile(out)
}

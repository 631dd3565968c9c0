// Package retried gives every failure back but those that no retry can mend: right.
package retried

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hibiken/asynq"
	"gocloud.dev/blob"
)

type resize struct {
	Source string `json:"source"`
	Width  int    `json:"width"`
}

// ImageProcessor implements asynq.Handler.
type ImageProcessor struct {
	bucket *blob.Bucket
	scale  func([]byte, int) ([]byte, error)
}

func NewImageProcessor(b *blob.Bucket, scale func([]byte, int) ([]byte, error)) asynq.Handler {
	return &ImageProcessor{bucket: b, scale: scale}
}

func (p *ImageProcessor) ProcessTask(ctx context.Context, t *asynq.Task) error {
	var job resize
	if err := json.Unmarshal(t.Payload(), &job); err != nil {
		return fmt.Errorf("payload: %v: %w", err, asynq.SkipRetry)
	}
	src, err := p.bucket.ReadAll(ctx, job.Source)
	if err != nil {
		return fmt.Errorf("reading %s: %w", job.Source, err)
	}
	img, err := p.scale(src, job.Width)
	if err != nil {
		return fmt.Errorf("%s: %v: %w", job.Source, err, asynq.SkipRetry)
	}
	return p.bucket.WriteAll(ctx, fmt.Sprintf("resized/%d/%s", job.Width, job.Source), img, nil)
}

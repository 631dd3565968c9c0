// Package keepalive imports files that may be large. The helper that extends the lease
// returns a function that stops it.
package keepalive

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type Importer struct {
	queue    *sqs.Client
	uploader *manager.Uploader
	url      string
}

func NewImporter(cfg aws.Config, url string) *Importer {
	return &Importer{queue: sqs.NewFromConfig(cfg), uploader: manager.NewUploader(s3.NewFromConfig(cfg)), url: url}
}

func (im *Importer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		out, err := im.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &im.url, VisibilityTimeout: 60, WaitTimeSeconds: 20})
		if err != nil {
			return err
		}
		for _, m := range out.Messages {
			stop := im.keepAlive(ctx, m)
			err := im.load(ctx, m)
			stop()
			if err != nil {
				slog.Error("import failed", "file", *m.Body, "err", err)
				continue
			}
			if _, err := im.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &im.url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				slog.Error("delete failed", "err", err)
			}
		}
	}
	return nil
}

func (im *Importer) keepAlive(ctx context.Context, m types.Message) func() {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(25 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_, err := im.queue.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &im.url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 60})
				if err != nil {
					slog.Warn("lease not extended", "err", err)
				}
			}
		}
	}()
	return cancel
}

func (im *Importer) load(ctx context.Context, m types.Message) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, *m.Body, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = im.uploader.Upload(ctx, &s3.PutObjectInput{Bucket: aws.String("imports"), Key: m.MessageId, Body: resp.Body})
	return err
}

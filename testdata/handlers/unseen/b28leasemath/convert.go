// Package leasemath converts office documents; the lease is the converter's time and a margin.
package leasemath

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Config has sensible defaults.
type Config struct {
	Timeout time.Duration // for one document; default 3m
	Margin  time.Duration // of the lease over Timeout; default 20s
	Idle    time.Duration // default 5s
}

func (c Config) withDefaults() Config {
	if c.Timeout <= 0 {
		c.Timeout = 3 * time.Minute
	}
	if c.Margin <= 0 {
		c.Margin = 20 * time.Second
	}
	if c.Idle <= 0 {
		c.Idle = 5 * time.Second
	}
	return c
}

func (c Config) lease() int32 { return int32(math.Ceil((c.Timeout + c.Margin).Seconds())) }

// Converter converts.
type Converter struct {
	cfg   Config
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// New returns a Converter; the zero Config will do.
func New(cfg Config, queue *azqueue.QueueClient, blobs *azblob.Client) *Converter {
	return &Converter{cfg: cfg.withDefaults(), queue: queue, blobs: blobs}
}

// Default returns a Converter with the defaults.
func Default(queue *azqueue.QueueClient, blobs *azblob.Client) *Converter {
	return New(Config{}, queue, blobs)
}

// Run ends with the context.
func (c *Converter) Run(ctx context.Context) {
	opts := &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(c.cfg.lease())}
	for ctx.Err() == nil {
		resp, err := c.queue.DequeueMessage(ctx, opts)
		if err != nil {
			slog.Error("dequeue", "err", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(c.cfg.Idle)
			continue
		}
		m := resp.Messages[0]
		if err := c.convert(ctx, *m.MessageID, *m.MessageText); err != nil {
			slog.Error("convert", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
			continue
		}
		if _, err := c.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			slog.Error("delete", "message", *m.MessageID, "err", err)
		}
	}
}

func (c *Converter) convert(ctx context.Context, id, url string) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	dir, err := os.MkdirTemp("", "convert")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	source := filepath.Join(dir, id+".docx")
	if err := fetch(ctx, url, source); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "soffice", "--headless", "--convert-to", "txt", "--outdir", dir, source)
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("soffice: %w: %s", err, out)
	}
	f, err := os.Open(strings.TrimSuffix(source, ".docx") + ".txt")
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = c.blobs.UploadFile(ctx, "texts", id+".txt", f, nil)
	return err
}

func fetch(ctx context.Context, url, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.ReadFrom(resp.Body)
	return err
}

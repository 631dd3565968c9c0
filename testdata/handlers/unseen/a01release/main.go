// Command release records what the build system announces and keeps the
// pointer that installers follow.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path"
	"strconv"
	"syscall"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"golang.org/x/sync/errgroup"
)

type settings struct {
	storage   string
	queue     string
	container string
	folder    string
	pointer   string
	batch     int
	parallel  int
}

type announcement struct {
	Product  string            `json:"product"`
	Version  string            `json:"version"`
	Commit   string            `json:"commit"`
	BuiltAt  time.Time         `json:"builtAt"`
	Archives map[string]string `json:"archives"` // platform to URL
}

type pointer struct {
	Version  string            `json:"version"`
	Archives map[string]string `json:"archives"`
}

func envOr(name, fallback string) string {
	if v, ok := os.LookupEnv(name); ok && v != "" {
		return v
	}
	return fallback
}

func envInt(name string, fallback int) int {
	n, err := strconv.Atoi(os.Getenv(name))
	if err != nil || n <= 0 {
		return fallback
	}
	return n
}

func parse() (settings, error) {
	var s settings
	flag.StringVar(&s.storage, "storage", os.Getenv("AZURE_STORAGE_CONNECTION_STRING"), "connection string")
	flag.StringVar(&s.queue, "queue", envOr("RELEASE_QUEUE", "releases"), "queue of announcements")
	flag.StringVar(&s.container, "container", envOr("RELEASE_CONTAINER", "downloads"), "container of releases")
	flag.StringVar(&s.folder, "folder", envOr("RELEASE_FOLDER", "releases"), "folder of releases")
	flag.StringVar(&s.pointer, "pointer", envOr("RELEASE_POINTER", "stable/latest.json"), "blob installers look at")
	flag.IntVar(&s.batch, "batch", envInt("RELEASE_BATCH", 8), "messages a request")
	flag.IntVar(&s.parallel, "parallel", envInt("RELEASE_PARALLEL", 4), "announcements at once")
	flag.Parse()
	if s.storage == "" {
		return s, errors.New("no connection string")
	}
	return s, nil
}

func main() {
	cfg, err := parse()
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, cfg); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func run(ctx context.Context, cfg settings) error {
	queue, err := azqueue.NewQueueClientFromConnectionString(cfg.storage, cfg.queue, nil)
	if err != nil {
		return err
	}
	downloads, err := container.NewClientFromConnectionString(cfg.storage, cfg.container, nil)
	if err != nil {
		return err
	}

	for ctx.Err() == nil {
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
			NumberOfMessages:  to.Ptr(int32(cfg.batch)),
			VisibilityTimeout: to.Ptr(int32(120)),
		})
		if err != nil {
			return fmt.Errorf("dequeue: %w", err)
		}
		if len(resp.Messages) == 0 {
			select {
			case <-ctx.Done():
			case <-time.After(5 * time.Second):
			}
			continue
		}

		var g errgroup.Group
		g.SetLimit(cfg.parallel)
		for _, m := range resp.Messages {
			g.Go(func() error {
				text, err := base64.StdEncoding.DecodeString(*m.MessageText)
				if err != nil {
					log.Printf("release: %s: not base64: %v", *m.MessageID, err)
					return nil
				}
				var a announcement
				if err := json.Unmarshal(text, &a); err != nil || a.Version == "" {
					log.Printf("release: %s: unreadable: %v", *m.MessageID, err)
					return nil
				}

				headers := &blob.HTTPHeaders{BlobContentType: to.Ptr("application/json")}
				record := path.Join(cfg.folder, a.Product, a.Version, "release.json")
				if _, err := downloads.NewBlockBlobClient(record).UploadBuffer(ctx, text, &blockblob.UploadBufferOptions{HTTPHeaders: headers}); err != nil {
					return fmt.Errorf("record %s: %w", a.Version, err)
				}

				p, err := json.Marshal(pointer{Version: a.Version, Archives: a.Archives})
				if err != nil {
					return err
				}
				latest := downloads.NewBlockBlobClient(cfg.pointer)
				if _, err := latest.UploadBuffer(ctx, p, &blockblob.UploadBufferOptions{HTTPHeaders: headers}); err != nil { // want `key that several messages share.*\(blobwrite\)`
					return fmt.Errorf("pointer to %s: %w", a.Version, err)
				}

				if _, err := queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
					return fmt.Errorf("delete %s: %w", *m.MessageID, err)
				}
				log.Printf("release: %s %s (%s)", a.Product, a.Version, a.Commit)
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			log.Printf("release: %v", err)
		}
	}
	return ctx.Err()
}

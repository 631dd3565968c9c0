// Package banner shows the newest announcement on the site.
//
// Right although the blob is configured and its content comes from the message: it is replaced by a newer revision
// only, and only in the version that was looked at.
package banner

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const attempts = 5

// Banner is both the message and the blob.
type Banner struct {
	XMLName  xml.Name `xml:"banner"`
	Revision int64    `xml:"revision,attr"`
	Title    string   `xml:"title"`
	Link     string   `xml:"link"`
}

// Service shows banners.
type Service struct {
	queue *azqueue.QueueClient
	slot  *blockblob.Client
}

// FromEnvironment reads where things are.
func FromEnvironment() (*Service, error) {
	conn := os.Getenv("BANNER_STORAGE")
	name := os.Getenv("BANNER_BLOB")
	if name == "" {
		name = "site/banner.xml"
	}
	q, err := azqueue.NewQueueClientFromConnectionString(conn, "banners", nil)
	if err != nil {
		return nil, err
	}
	b, err := blockblob.NewClientFromConnectionString(conn, "www", name, nil)
	if err != nil {
		return nil, err
	}
	return &Service{queue: q, slot: b}, nil
}

func (s *Service) current(ctx context.Context) (Banner, *azcore.ETag, error) {
	var b Banner
	r, err := s.slot.DownloadStream(ctx, nil)
	if err != nil {
		return b, nil, err
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return b, nil, err
	}
	if err := xml.Unmarshal(raw, &b); err != nil {
		return b, nil, fmt.Errorf("current banner: %w", err)
	}
	return b, r.ETag, nil
}

func (s *Service) replace(ctx context.Context, b Banner, seen *azcore.ETag) error {
	raw, err := xml.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	_, err = s.slot.UploadBuffer(ctx, raw, &blockblob.UploadBufferOptions{
		HTTPHeaders:      &blob.HTTPHeaders{BlobContentType: to.Ptr("application/xml")},
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: seen}},
	})
	return err
}

func (s *Service) show(ctx context.Context, next Banner) error {
	for range attempts {
		now, seen, err := s.current(ctx)
		if err != nil {
			return err
		}
		if now.Revision >= next.Revision {
			slog.InfoContext(ctx, "banner is older than the one shown", "revision", next.Revision, "shown", now.Revision)
			return nil
		}
		err = s.replace(ctx, next, seen)
		if err == nil {
			return nil
		}
		if !bloberror.HasCode(err, bloberror.ConditionNotMet) {
			return err
		}
	}
	return errors.New("banner changes all the time")
}

// Run shows banners as they come.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		resp, err := s.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(45))})
		if err != nil {
			slog.ErrorContext(ctx, "dequeue", "err", err)
			continue
		}
		for _, m := range resp.Messages {
			var b Banner
			if err := xml.Unmarshal([]byte(*m.MessageText), &b); err != nil {
				slog.ErrorContext(ctx, "not a banner", "message", *m.MessageID, "err", err)
				continue
			}
			if err := s.show(ctx, b); err != nil {
				slog.ErrorContext(ctx, "banner", "revision", b.Revision, "err", err)
				continue
			}
			if _, err := s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.ErrorContext(ctx, "delete", "message", *m.MessageID, "err", err)
			}
		}
	}
}

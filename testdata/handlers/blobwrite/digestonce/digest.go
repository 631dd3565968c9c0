// Package digest renders the digest of a day.
//
// Right although it renders what a list returns at the time of the attempt: the
// first digest of a day is the digest of the day; it is created, never replaced.
package digest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Service renders digests.
type Service struct {
	Site  *container.Client
	Queue *azqueue.QueueClient
}

// Do handles at most one day.
func (s *Service) Do(ctx context.Context) error {
	got, err := s.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
	if err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	for _, m := range got.Messages {
		day := strings.TrimSpace(*m.MessageText)
		names, err := s.articles(ctx, day)
		if err != nil {
			return fmt.Errorf("digest: %s: %w", day, err)
		}
		err = s.publish(ctx, day, strings.Join(names, "\n"))
		if bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet) {
			slog.Info("digest is out already", "day", day)
			err = nil
		}
		if err != nil {
			return fmt.Errorf("digest: %s: %w", day, err)
		}
		if _, err := s.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("digest: %s: %w", day, err)
		}
	}
	return nil
}

func (s *Service) articles(ctx context.Context, day string) (names []string, err error) {
	pager := s.Site.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Prefix: to.Ptr("articles/" + day + "/")})
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Segment.BlobItems {
			names = append(names, *item.Name)
		}
	}
	return names, nil
}

func (s *Service) publish(ctx context.Context, day, text string) error {
	target := s.Site.NewBlockBlobClient("digests/" + day + ".txt")
	options := &blockblob.UploadOptions{}
	options.HTTPHeaders = &blob.HTTPHeaders{BlobContentType: to.Ptr("text/plain")}
	options.AccessConditions = new(blob.AccessConditions)
	options.AccessConditions.ModifiedAccessConditions = &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETag("*"))}
	_, err := target.Upload(ctx, streaming.NopCloser(bytes.NewReader([]byte(text))), options)
	return err
}

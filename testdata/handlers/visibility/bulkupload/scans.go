// Package scans uploads scanned books from the scanners' share, up to 32 on the default lease of 30 s.
package scans

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Uploader knows where the share is mounted.
type Uploader struct {
	Queue *azqueue.QueueClient
	Books *container.Client
	Share string
}

// UploadAll takes one batch.
func (u *Uploader) UploadAll(ctx context.Context) error {
	batch, err := u.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32))})
	if err != nil {
		return err
	}
	var problems []error
	for _, m := range batch.Messages {
		if err := u.upload(ctx, *m.MessageText); err != nil {
			problems = append(problems, fmt.Errorf("%s, delivery %d: %w", *m.MessageText, *m.DequeueCount, err))
			continue
		}
		if _, err := u.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func (u *Uploader) upload(ctx context.Context, book string) error {
	f, err := os.Open(filepath.Join(u.Share, filepath.Base(book)))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = u.Books.NewBlockBlobClient(book).UploadFile(ctx, f, nil) // want `can outlast the lease.*\(visibility\)`
	return err
}

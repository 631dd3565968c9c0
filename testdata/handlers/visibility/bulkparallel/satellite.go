// Package satellite uploads pictures from the ground station's disk.
//
// Right: a batch of eight large uploads, but side by side, each under a context of eight minutes, and the lease is ten.
package satellite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const lease, each = 10 * time.Minute, 8 * time.Minute

// Station is a ground station.
type Station struct {
	passes *azqueue.QueueClient
	blobs  *azblob.Client
	disk   string
}

// Upload uploads what one receive returns.
func (s *Station) Upload(ctx context.Context) error {
	in, err := s.passes.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(8)),
		VisibilityTimeout: to.Ptr(int32(lease / time.Second)),
	})
	if err != nil {
		return err
	}
	errs := make([]error, len(in.Messages))
	var wg sync.WaitGroup
	for i, pass := range in.Messages {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if errs[i] = s.picture(ctx, *pass.MessageText); errs[i] != nil {
				return
			}
			_, errs[i] = s.passes.DeleteMessage(ctx, *pass.MessageID, *pass.PopReceipt, nil)
		}()
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (s *Station) picture(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	f, err := os.Open(filepath.Join(s.disk, filepath.Base(name)))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = s.blobs.UploadFile(ctx, "pictures", name, f, nil)
	return err
}

// Package atleastonce ends at the first failure and commits a poll when all of it is
// stored, each record under its place in the log.
package atleastonce

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/twmb/franz-go/pkg/kgo"
)

type Sink struct {
	cl    *kgo.Client
	blobs *azblob.Client
}

func (s *Sink) Run(ctx context.Context) error {
	for {
		fetches := s.cl.PollFetches(ctx)
		if errs := fetches.Errors(); len(errs) > 0 {
			return fmt.Errorf("poll: %v", errs)
		}
		records := fetches.Records()
		for _, r := range records {
			if err := s.store(ctx, r); err != nil {
				return fmt.Errorf("offset %d: %w", r.Offset, err)
			}
		}
		if err := s.cl.CommitRecords(ctx, records...); err != nil {
			return err
		}
	}
}

func (s *Sink) store(ctx context.Context, r *kgo.Record) error {
	name := fmt.Sprintf("%s/%d/%d", r.Topic, r.Partition, r.Offset)
	_, err := s.blobs.UploadBuffer(ctx, "log", name, r.Value, nil)
	return err
}

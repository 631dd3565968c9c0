package syllabus

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Lesson is one lesson of a course.
type Lesson struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Hours int    `json:"hours"`
}

// Course is kept as JSON.
type Course struct {
	Code    string   `json:"code"`
	Lessons []Lesson `json:"lessons"`
}

// Store keeps courses.
type Store struct {
	courses *container.Client
}

func (s *Store) blob(code string) *blockblob.Client {
	return s.courses.NewBlockBlobClient("courses/" + code + ".json")
}

// Load reads a course.
func (s *Store) Load(ctx context.Context, code string) (*Course, error) {
	resp, err := s.blob(code).DownloadStream(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", code, err)
	}
	body := resp.NewRetryReader(ctx, &blob.RetryReaderOptions{MaxRetries: 3})
	defer body.Close()
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", code, err)
	}
	c := new(Course)
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, fmt.Errorf("load %s: %w", code, err)
	}
	return c, nil
}

func (s *Store) version(ctx context.Context, code string) (*azcore.ETag, error) {
	props, err := s.blob(code).GetProperties(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("version of %s: %w", code, err)
	}
	return props.ETag, nil
}

// Save writes a course under optimistic concurrency.
func (s *Store) Save(ctx context.Context, c *Course) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("save %s: %w", c.Code, err)
	}
	etag, err := s.version(ctx, c.Code)
	if err != nil {
		return err
	}
	opts := &blockblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: etag},
		},
	}
	if _, err := s.blob(c.Code).UploadBuffer(ctx, raw, opts); err != nil { // want `version read after the content.*\(etag\)`
		return fmt.Errorf("save %s: %w", c.Code, err)
	}
	return nil
}

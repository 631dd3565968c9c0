// Package store keeps documents in S3. Who puts a document learns its name.
package store

import (
	"bytes"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"
)

type API interface {
	PutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

type Store struct {
	api    API
	bucket string
}

func New(api API, bucket string) *Store { return &Store{api: api, bucket: bucket} }

// Put stores a document under a new name.
func (s *Store) Put(ctx context.Context, folder string, doc []byte) (string, error) {
	name := folder + "/" + uuid.NewString() + ".json"
	_, err := s.api.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(s.bucket), Key: aws.String(name), Body: bytes.NewReader(doc)})
	if err != nil {
		return "", fmt.Errorf("put %s: %w", name, err)
	}
	return name, nil
}

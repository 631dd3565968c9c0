// Package docs keeps versioned documents; callers do not see Azure.
package docs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Version is opaque.
type Version string

// Versioned is a value as it was at a Version.
type Versioned[T any] struct {
	Value   T
	Version Version
}

// ErrConflict says that the document is no longer at the version that was given.
var ErrConflict = errors.New("docs: conflict")

// Backend keeps bytes.
type Backend interface {
	Read(ctx context.Context, name string) ([]byte, Version, error)
	Write(ctx context.Context, name string, body []byte, at Version) error
}

// Load reads a document.
func Load[T any](ctx context.Context, b Backend, name string) (Versioned[T], error) {
	var v Versioned[T]
	body, at, err := b.Read(ctx, name)
	if err != nil {
		return v, err
	}
	v.Version = at
	return v, json.Unmarshal(body, &v.Value)
}

// Save writes what was loaded and changed.
func Save[T any](ctx context.Context, b Backend, name string, v Versioned[T]) error {
	body, err := json.Marshal(v.Value)
	if err != nil {
		return err
	}
	return b.Write(ctx, name, body, v.Version)
}

type azure struct{ c *container.Client }

// Azure is the Backend over a container.
func Azure(c *container.Client) Backend { return observed{azure{c}} }

func (a azure) Read(ctx context.Context, name string) ([]byte, Version, error) {
	rsp, err := a.c.NewBlobClient(name).DownloadStream(ctx, nil)
	if err != nil {
		return nil, "", err
	}
	defer rsp.Body.Close()
	body, err := io.ReadAll(rsp.Body)
	if err != nil {
		return nil, "", err
	}
	return body, Version(*rsp.ETag), nil
}

func (a azure) Write(ctx context.Context, name string, body []byte, at Version) error {
	tag := azcore.ETag(at)
	_, err := a.c.NewBlockBlobClient(name).UploadBuffer(ctx, body, &blockblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: &tag},
		},
	})
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed {
		return fmt.Errorf("%s: %w", name, ErrConflict)
	}
	return err
}

type observed struct{ next Backend }

func (o observed) Read(ctx context.Context, name string) (body []byte, at Version, err error) {
	defer o.took(ctx, "read", name, time.Now(), &err)
	return o.next.Read(ctx, name)
}

func (o observed) Write(ctx context.Context, name string, body []byte, at Version) (err error) {
	defer o.took(ctx, "write", name, time.Now(), &err)
	return o.next.Write(ctx, name, body, at)
}

func (observed) took(ctx context.Context, op, name string, start time.Time, err *error) {
	slog.DebugContext(ctx, op, "name", name, "took", time.Since(start), "err", *err)
}

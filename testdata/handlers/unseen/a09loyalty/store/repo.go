// Package store keeps documents in Cosmos DB; all services use it.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
)

// ErrNotFound says that there is no such document.
var ErrNotFound = errors.New("not found")

// Document is what can be kept.
type Document interface {
	DocumentID() string
	Partition() string
}

// Repo keeps documents of one type.
type Repo[T Document] struct {
	container *azcosmos.ContainerClient
}

// NewRepo returns a Repo.
func NewRepo[T Document](c *azcosmos.ContainerClient) *Repo[T] {
	return &Repo[T]{container: c}
}

// Find reads a document.
func (r *Repo[T]) Find(ctx context.Context, partition, id string) (T, error) {
	var doc T
	resp, err := r.container.ReadItem(ctx, azcosmos.NewPartitionKeyString(partition), id, nil)
	if err != nil {
		var re *azcore.ResponseError
		if errors.As(err, &re) && re.StatusCode == http.StatusNotFound {
			return doc, ErrNotFound
		}
		return doc, fmt.Errorf("find %s: %w", id, err)
	}
	if err := json.Unmarshal(resp.Value, &doc); err != nil {
		return doc, fmt.Errorf("find %s: %w", id, err)
	}
	return doc, nil
}

// Replace writes a document that exists.
func (r *Repo[T]) Replace(ctx context.Context, doc T) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("replace %s: %w", doc.DocumentID(), err)
	}
	_, err = r.container.ReplaceItem(ctx, azcosmos.NewPartitionKeyString(doc.Partition()), doc.DocumentID(), raw, nil)
	if err != nil {
		return fmt.Errorf("replace %s: %w", doc.DocumentID(), err)
	}
	return nil
}

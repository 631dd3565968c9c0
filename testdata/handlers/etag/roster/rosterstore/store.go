// Package rosterstore keeps duty rosters as JSON blobs.
package rosterstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Roster says who is on duty on which day.
type Roster struct {
	Ward string            `json:"ward"`
	Days map[string]string `json:"days"`
}

// Store reads and writes rosters.
type Store struct {
	c *container.Client
}

// Open returns the store in the given container.
func Open(c *container.Client) *Store { return &Store{c: c} }

// Update loads the roster of a ward, changes it and writes it back.
func (s *Store) Update(ctx context.Context, ward string, change func(*Roster) error) error {
	bb := s.c.NewBlockBlobClient("wards/" + ward)
	resp, err := bb.DownloadStream(ctx, nil)
	if err != nil {
		return fmt.Errorf("rosterstore: get %s: %w", ward, err)
	}
	raw, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return fmt.Errorf("rosterstore: get %s: %w", ward, err)
	}
	var r Roster
	if err := json.Unmarshal(raw, &r); err != nil {
		return fmt.Errorf("rosterstore: %s is corrupt: %w", ward, err)
	}
	if err := change(&r); err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := json.NewEncoder(&buf).Encode(r); err != nil {
		return fmt.Errorf("rosterstore: encode %s: %w", ward, err)
	}
	if _, err := bb.UploadStream(ctx, &buf, nil); err != nil {
		return fmt.Errorf("rosterstore: put %s: %w", ward, err)
	}
	return nil
}

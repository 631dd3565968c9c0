// Package leaderboard publishes the boards that the game servers compute.
package leaderboard

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type board struct {
	Region string   `json:"region"`
	Season bool     `json:"season"`
	Names  []string `json:"names"`
}

// Publisher is put together by Wire.
type Publisher struct {
	receive func(ctx context.Context) (*azqueue.DequeuedMessage, error)
	remove  func(ctx context.Context, m *azqueue.DequeuedMessage) error
	upload  func(ctx context.Context, name string, data []byte) error
}

// Wire returns a Publisher for a queue and a container.
func Wire(q *azqueue.QueueClient, c *azblob.Client, containerName string) *Publisher {
	return &Publisher{
		receive: func(ctx context.Context) (*azqueue.DequeuedMessage, error) {
			r, err := q.DequeueMessage(ctx, nil)
			if err != nil || len(r.Messages) == 0 {
				return nil, err
			}
			return r.Messages[0], nil
		},
		remove: func(ctx context.Context, m *azqueue.DequeuedMessage) error {
			_, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
			return err
		},
		upload: func(ctx context.Context, name string, data []byte) error {
			_, err := c.UploadBuffer(ctx, containerName, name, data, &azblob.UploadBufferOptions{}) // want `key that several messages share.*\(blobwrite\)`
			return err
		},
	}
}

// Once publishes at most one board.
func (p *Publisher) Once(ctx context.Context) error {
	m, err := p.receive(ctx)
	if err != nil || m == nil {
		return err
	}
	if err := p.publish(ctx, m); err != nil {
		slog.Warn("board not published", "id", *m.MessageID, "err", err)
		return fmt.Errorf("leaderboard: %w", err)
	}
	return p.remove(ctx, m)
}

func (p *Publisher) publish(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var b board
	if err := json.Unmarshal([]byte(*m.MessageText), &b); err != nil {
		return err
	}
	var name string
	if b.Season {
		name = "boards/season.json"
	} else {
		name = "boards/all-time.json"
	}
	data, err := json.Marshal(b.Names)
	if err != nil {
		return err
	}
	return p.upload(ctx, name, data)
}

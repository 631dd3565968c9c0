// Package leaderboard publishes the boards that the game servers compute.
//
// Right although one of two constants is chosen for the name: it is only the
// folder; the match that the board belongs to completes it.
package leaderboard

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type board struct {
	Match string   `json:"match"`
	Final bool     `json:"final"`
	Names []string `json:"names"`
}

type publisher struct {
	upload func(ctx context.Context, name string, data []byte) error
	name   func(b board) string
}

func folder(b board) string {
	dir := "boards/group/"
	if b.Final {
		dir = "boards/final/"
	}
	return dir + b.Match + ".json"
}

// Publish publishes boards until the queue is empty.
func Publish(ctx context.Context, q *azqueue.QueueClient, c *azblob.Client) error {
	p := publisher{name: folder}
	p.upload = func(ctx context.Context, name string, data []byte) error {
		_, err := c.UploadBuffer(ctx, "games", name, data, nil)
		return err
	}
	for {
		r, err := q.DequeueMessage(ctx, nil)
		if err != nil {
			return fmt.Errorf("leaderboard: %w", err)
		}
		if len(r.Messages) == 0 {
			return nil
		}
		m := r.Messages[0]
		if err := p.publish(ctx, []byte(*m.MessageText)); err != nil {
			log.Printf("leaderboard: %s: %v", *m.MessageID, err)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("leaderboard: %w", err)
		}
	}
}

func (p publisher) publish(ctx context.Context, body []byte) error {
	var b board
	if err := json.Unmarshal(body, &b); err != nil {
		return err
	}
	data, err := json.Marshal(b.Names)
	if err != nil {
		return err
	}
	return p.upload(ctx, p.name(b), data)
}

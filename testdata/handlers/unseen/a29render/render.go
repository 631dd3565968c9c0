// Package render renders scenes with a program that takes up to two hours.
//
// Right although the lease is a minute: it is renewed while the program runs, which ends if it cannot be.
package render

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os/exec"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type scene struct {
	ID      string `json:"id"`
	File    string `json:"file"`
	Samples int    `json:"samples"`
}

// Farm renders.
type Farm struct {
	Queue  *azqueue.QueueClient
	Images *azblob.Client
	Lease  time.Duration
	Limit  time.Duration
}

// DefaultFarm returns a Farm.
func DefaultFarm(q *azqueue.QueueClient, images *azblob.Client) *Farm {
	return &Farm{Queue: q, Images: images, Lease: time.Minute, Limit: 2 * time.Hour}
}

// Run renders until the context ends.
func (f *Farm) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := f.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(f.Lease / time.Second))})
		if err != nil {
			return err
		}
		if len(r.Messages) == 0 {
			time.Sleep(time.Minute)
			continue
		}
		if err := f.one(ctx, r.Messages[0]); err != nil {
			log.Printf("render: %v", err)
		}
	}
}

func (f *Farm) one(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var s scene
	if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
		return err
	}
	held, stop := keepAlive(ctx, f.Queue, m, f.Lease)
	err := f.render(held, s)
	receipt := stop()
	if err != nil {
		return fmt.Errorf("scene %s: %w", s.ID, err)
	}
	if _, err := f.Queue.DeleteMessage(ctx, *m.MessageID, receipt, nil); err != nil {
		return fmt.Errorf("scene %s: %w", s.ID, err)
	}
	return nil
}

func (f *Farm) render(ctx context.Context, s scene) error {
	ctx, cancel := context.WithTimeout(ctx, f.Limit)
	defer cancel()
	var png bytes.Buffer
	cmd := exec.CommandContext(ctx, "render", "--samples", strconv.Itoa(s.Samples), "--seed", s.ID, "--output", "-", s.File)
	cmd.Stdout = &png
	if err := cmd.Run(); err != nil {
		return err
	}
	_, err := f.Images.UploadBuffer(ctx, "images", s.ID+".png", png.Bytes(), nil)
	return err
}

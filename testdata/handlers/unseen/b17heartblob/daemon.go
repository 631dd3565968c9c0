// Package heartblob stores readings and shows in a blob of its own that it lives.
//
// Right: "status.json" has a constant name and a new content each time, but no message has anything to do with it.
package heartblob

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const container = "readings"

// Daemon stores readings.
type Daemon struct {
	Blobs *azblob.Client
	Queue *azqueue.QueueClient

	stored, failed int
}

type status struct {
	Host   string    `json:"host"`
	State  string    `json:"state"`
	Stored int       `json:"stored"`
	Failed int       `json:"failed"`
	Next   time.Time `json:"next"`
}

const beat = 30 * time.Second

// Run ends with the context.
func (d *Daemon) Run(ctx context.Context) error {
	if err := d.report(ctx, "starting"); err != nil {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := d.report(last, "stopped"); err != nil {
			slog.Error("status", "err", err)
		}
	}()
	heart := time.NewTicker(beat)
	defer heart.Stop()
	poll := time.NewTicker(time.Second)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-heart.C:
			if err := d.report(ctx, "running"); err != nil {
				slog.Error("status", "err", err)
			}
		case <-poll.C:
			d.drain(ctx)
		}
	}
}

func (d *Daemon) drain(ctx context.Context) {
	for {
		resp, err := d.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32))})
		if err != nil {
			slog.Error("dequeue", "err", err)
			return
		}
		for _, m := range resp.Messages {
			if err := d.store(ctx, m); err != nil {
				d.failed++
				slog.Error("reading", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
			} else {
				d.stored++
			}
		}
		if len(resp.Messages) < 32 {
			return
		}
	}
}

func (d *Daemon) store(ctx context.Context, m *azqueue.DequeuedMessage) error {
	var reading map[string]float64
	if err := json.Unmarshal([]byte(*m.MessageText), &reading); err != nil {
		return err
	}
	if err := d.put(ctx, "raw/"+*m.MessageID+".json", reading); err != nil {
		return err
	}
	_, err := d.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (d *Daemon) report(ctx context.Context, state string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return d.put(ctx, "status.json", status{host, state, d.stored, d.failed, time.Now().Add(beat)})
}

func (d *Daemon) put(ctx context.Context, name string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = d.Blobs.UploadBuffer(ctx, container, name, body, nil)
	return err
}

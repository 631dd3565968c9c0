// Package devices keeps the last reading of each sensor of a device.
//
// Right: the helper writes under the ETag of its own read, a new device is only created, and an older reading is ignored.
package devices

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c19deviceupdate/cosmosx"
)

type reading struct {
	Device string  `json:"device"`
	Sensor string  `json:"sensor"`
	Seq    int64   `json:"seq"`
	Value  float64 `json:"value"`
}

type device struct {
	ID      string             `json:"id"`
	Sensors map[string]reading `json:"sensors"`
}

// Worker works.
type Worker struct {
	queue   *azqueue.QueueClient
	devices *azcosmos.ContainerClient
}

// NewWorker returns a Worker.
func NewWorker(queue *azqueue.QueueClient, devices *azcosmos.ContainerClient) *Worker {
	return &Worker{queue: queue, devices: devices}
}

// Run works.
func (w *Worker) Run(ctx context.Context) error {
	for {
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(32)), VisibilityTimeout: to.Ptr(int32(300))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			var r reading
			if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
				slog.Error("reading", "id", *m.MessageID, "count", *m.DequeueCount, "err", err)
				continue
			}
			if err := cosmosx.Update(ctx, w.devices, r.Device, r.into); err != nil {
				slog.Error("update", "device", r.Device, "err", err)
				continue
			}
			if _, err := w.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("delete", "id", *m.MessageID, "err", err)
			}
		}
		if len(resp.Messages) == 0 {
			time.Sleep(250 * time.Millisecond)
		}
	}
}

func (r reading) into(d *device) {
	d.ID = r.Device
	if d.Sensors == nil {
		d.Sensors = map[string]reading{}
	}
	if old, ok := d.Sensors[r.Sensor]; !ok || old.Seq < r.Seq {
		d.Sensors[r.Sensor] = r
	}
}

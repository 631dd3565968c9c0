// Package agent notes which firmware a device runs.
//
// Right: the functions in the struct's fields hand the version on; store sends
// it as IfMatch.
package agent

import (
	"context"
	"encoding/json"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type device struct {
	aztables.Entity
	Firmware string
}

type report struct {
	Fleet, Device, Firmware string
}

type agent struct {
	queue *azqueue.QueueClient
	load  func(context.Context, report) (device, azcore.ETag, error)
	store func(context.Context, device, azcore.ETag) error
	fail  func(id string, err error)
}

func newAgent(queue *azqueue.QueueClient, devices *aztables.Client) *agent {
	a := &agent{queue: queue}
	a.load = func(ctx context.Context, r report) (d device, etag azcore.ETag, err error) {
		row, err := devices.GetEntity(ctx, r.Fleet, r.Device, nil)
		if err != nil {
			return d, "", err
		}
		return d, row.ETag, json.Unmarshal(row.Value, &d)
	}
	a.store = func(ctx context.Context, d device, etag azcore.ETag) error {
		row, err := json.Marshal(d)
		if err != nil {
			return err
		}
		_, err = devices.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: &etag, UpdateMode: aztables.UpdateModeMerge})
		return err
	}
	a.fail = func(id string, err error) { log.Printf("agent: report %s stays: %v", id, err) }
	return a
}

func (a *agent) handle(ctx context.Context, body string) error {
	var r report
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		return err
	}
	d, etag, err := a.load(ctx, r)
	if err != nil {
		return err
	}
	if d.Firmware == r.Firmware {
		return nil
	}
	d.Firmware = r.Firmware
	return a.store(ctx, d, etag)
}

// Run handles reports until the queue fails.
func Run(ctx context.Context, queue *azqueue.QueueClient, devices *aztables.Client) error {
	a := newAgent(queue, devices)
	for {
		resp, err := a.queue.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := a.handle(ctx, *m.MessageText); err != nil {
				a.fail(*m.MessageID, err)
				continue
			}
			if _, err := a.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				a.fail(*m.MessageID, err)
			}
		}
	}
}

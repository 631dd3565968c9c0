// Package pipeline is a small framework: a Stage says how a document is found,
// changed and stored, in functions that are fields.
package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Device is a row of the device table.
type Device struct {
	aztables.Entity
	Firmware string
	Tags     string
}

// Command is a message.
type Command struct {
	Fleet    string `json:"fleet"`
	Device   string `json:"device"`
	Firmware string `json:"firmware"`
}

// Stage is one step of the pipeline.
type Stage struct {
	Find   func(ctx context.Context, fleet, id string) (*Device, error)
	Change func(d *Device, c Command)
	Store  func(ctx context.Context, d *Device) error
}

// Firmware returns the stage that notes a device's new firmware.
func Firmware(devices *aztables.Client) Stage {
	return Stage{
		Find: func(ctx context.Context, fleet, id string) (*Device, error) {
			row, err := devices.GetEntity(ctx, fleet, id, nil)
			if err != nil {
				return nil, err
			}
			d := new(Device)
			if err := json.Unmarshal(row.Value, d); err != nil {
				return nil, err
			}
			return d, nil
		},
		Change: func(d *Device, c Command) { d.Firmware = c.Firmware },
		Store: func(ctx context.Context, d *Device) error {
			row, err := json.Marshal(d)
			if err != nil {
				return err
			}
			mode := &aztables.UpdateEntityOptions{UpdateMode: aztables.UpdateModeReplace}
			_, err = devices.UpdateEntity(ctx, row, mode) // want `wildcard.*\(etag\)`
			return err
		},
	}
}

// Run runs a stage until there is no message left.
func Run(ctx context.Context, q *azqueue.QueueClient, s Stage) error {
	for {
		resp, err := q.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			return nil
		}
		m := resp.Messages[0]
		if err := s.run(ctx, *m.MessageText); err != nil {
			slog.Error("stage failed", "message", *m.MessageID, "err", err)
			continue
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return errors.Join(errors.New("pipeline: delete"), err)
		}
	}
}

func (s Stage) run(ctx context.Context, text string) error {
	var c Command
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	d, err := s.Find(ctx, c.Fleet, c.Device)
	if err != nil {
		return err
	}
	s.Change(d, c)
	return s.Store(ctx, d)
}

// Serve runs the firmware stage.
func Serve(ctx context.Context, q *azqueue.QueueClient, devices *aztables.Client) error {
	return Run(ctx, q, Firmware(devices))
}

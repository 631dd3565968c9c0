// Package parts follows the parts of a large upload as the service bus tells of
// them: one character of a string per part, and the number of those that are there.
//
// Right although Arrived grows: a part sets its own character, a second time to the
// same, and Arrived is counted from the characters.
//
// Message: {"upload":"u-1","part":2}
// Before: row uploads/open/u-1 contains {"Parts":"0000","Arrived":0}
package parts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type arrival struct {
	Upload string `json:"upload"`
	Part   int    `json:"part"`
}

type upload struct {
	PartitionKey string
	RowKey       string
	Parts        string
	Arrived      int
}

func (u *upload) set(part int) error {
	if part < 0 || part >= len(u.Parts) {
		return fmt.Errorf("upload %s has no part %d", u.RowKey, part)
	}
	marks := []byte(u.Parts)
	marks[part] = '1'
	u.Parts = string(marks)
	u.Arrived = strings.Count(u.Parts, "1")
	return nil
}

// Tracker follows uploads.
type Tracker struct {
	Bus     *azservicebus.Receiver
	Uploads *aztables.Client
}

// Run follows uploads until the receiver fails.
func (t *Tracker) Run(ctx context.Context) error {
	for {
		msgs, err := t.Bus.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := t.handle(ctx, m); err != nil {
				return err
			}
		}
	}
}

func (t *Tracker) handle(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	var a arrival
	err := json.Unmarshal(m.Body, &a)
	if err == nil {
		err = t.arrived(ctx, a)
	}
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		return errors.Join(err, t.Bus.AbandonMessage(ctx, m, nil))
	}
	return t.Bus.CompleteMessage(ctx, m, nil)
}

func (t *Tracker) arrived(ctx context.Context, a arrival) error {
	cur, err := t.Uploads.GetEntity(ctx, "open", a.Upload, nil)
	if err != nil {
		return err
	}
	var u upload
	if err := json.Unmarshal(cur.Value, &u); err != nil {
		return err
	}
	if err := u.set(a.Part); err != nil {
		return err
	}
	raw, err := json.Marshal(u)
	if err != nil {
		return err
	}
	_, err = t.Uploads.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &cur.ETag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

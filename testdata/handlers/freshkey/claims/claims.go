// Package claims lets one worker at a time convert a recording.
//
// Right although the claim holds a fresh token and a time: its row is keyed by the
// message, inserted create-only, taken over only after it ran out and only under its
// ETag, and marked done after the work. The result is named by the message, so that
// even a worker whose claim was taken over writes the same.
//
// Message: {"recording":"r-1","notes":"c d e"}
// Before: container converted exists
package claims

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var errTaken = errors.New("another worker is at it")

type claim struct {
	PartitionKey string
	RowKey       string
	Owner        string
	Until        int // seconds
	Done         bool
	etag         azcore.ETag
}

// Converter converts recordings.
type Converter struct {
	Queue  *azqueue.QueueClient
	Claims *aztables.Client
	Blobs  *azblob.Client
}

// Run converts until ctx ends.
func (c *Converter) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := c.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := c.handle(ctx, *m.MessageID, *m.MessageText); err != nil {
			log.Printf("message %s: %v", *m.MessageID, err)
			continue
		}
		if _, err := c.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (c *Converter) handle(ctx context.Context, id, text string) error {
	var in struct{ Recording, Notes string }
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return err
	}
	mine, err := c.take(ctx, id)
	if err != nil || mine.Done {
		return err
	}
	if _, err := c.Blobs.UploadBuffer(ctx, "converted", in.Recording, []byte(strings.ToUpper(in.Notes)), nil); err != nil {
		return err
	}
	mine.Done = true
	return c.put(ctx, &mine)
}

func (c *Converter) take(ctx context.Context, id string) (claim, error) {
	mine := claim{PartitionKey: "claims", RowKey: id, Owner: uuid.NewString(), Until: int(time.Now().Add(2 * time.Minute).Unix())}
	raw, err := json.Marshal(mine)
	if err != nil {
		return mine, err
	}
	resp, err := c.Claims.AddEntity(ctx, raw, nil)
	if err == nil {
		mine.etag = resp.ETag
		return mine, nil
	}
	var re *azcore.ResponseError
	if !errors.As(err, &re) || re.StatusCode != http.StatusConflict {
		return mine, err
	}
	got, err := c.Claims.GetEntity(ctx, "claims", id, nil)
	if err != nil {
		return mine, err
	}
	held := claim{etag: got.ETag}
	if err := json.Unmarshal(got.Value, &held); err != nil {
		return mine, err
	}
	if held.Done || held.Owner == mine.Owner {
		return held, nil
	}
	if time.Now().Unix() < int64(held.Until) {
		return mine, errTaken
	}
	mine.etag = held.etag
	err = c.put(ctx, &mine)
	return mine, err
}

func (c *Converter) put(ctx context.Context, cl *claim) error {
	raw, err := json.Marshal(cl)
	if err != nil {
		return err
	}
	resp, err := c.Claims.UpdateEntity(ctx, raw, &aztables.UpdateEntityOptions{IfMatch: &cl.etag, UpdateMode: aztables.UpdateModeReplace})
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	cl.etag = resp.ETag
	return nil
}

package explore_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// orders is the world of most stories: a queue of orders, a container for statistics
// with a counter that stands at 5.
func orders(messages ...string) explore.World {
	return explore.World{
		Queue:    "orders",
		Messages: messages,
		Before: func(ctx context.Context, in *explore.Instance) error {
			_, err := in.Storage().CreateContainer(ctx, "stats", nil)
			return errors.Join(err, put(ctx, in, "total", counter{N: 5}, nil))
		},
	}
}

// counter is what the blob stats/total holds.
type counter struct {
	N       int      `json:"n"`
	Applied []string `json:"applied,omitempty"`
}

func get(ctx context.Context, in *explore.Instance, name string) (c counter, etag *azcore.ETag, err error) {
	got, err := in.Storage().DownloadStream(ctx, "stats", name, nil)
	if err != nil {
		return c, nil, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return c, nil, err
	}
	return c, got.ETag, json.Unmarshal(body, &c)
}

// put writes a counter, if etag is given only over that version.
func put(ctx context.Context, in *explore.Instance, name string, c counter, etag *azcore.ETag) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	options := &azblob.UploadBufferOptions{}
	if etag != nil {
		options.AccessConditions = &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: etag}}
	}
	_, err = in.Storage().UploadBuffer(ctx, "stats", name, body, options)
	return err
}

// upload writes a blob whatever is there.
func upload(ctx context.Context, in *explore.Instance, container, name, content string) error {
	_, err := in.Storage().UploadBuffer(ctx, container, name, []byte(content), nil)
	return err
}

// receive takes one message for this long; nil if there is none.
func receive(ctx context.Context, in *explore.Instance, lease time.Duration) (*azqueue.DequeuedMessage, error) {
	seconds := int32(lease / time.Second)
	got, err := in.Queue("orders").DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: &seconds})
	if err != nil || len(got.Messages) == 0 {
		return nil, err
	}
	return got.Messages[0], nil
}

func settle(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
	_, err := in.Queue("orders").DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil)
	return err
}

// addBlindly reads the counter and writes it back with one more, whatever has happened
// to it in between.
func addBlindly(ctx context.Context, in *explore.Instance, _ *azqueue.DequeuedMessage) error {
	c, _, err := get(ctx, in, "total")
	if err != nil {
		return err
	}
	c.N++
	return put(ctx, in, "total", c, nil)
}

// addWithETag writes only over the version it has read, and reads again if that fails. No
// two workers lose an update. But a message that comes twice counts twice.
func addWithETag(ctx context.Context, in *explore.Instance, _ *azqueue.DequeuedMessage) error {
	for {
		c, etag, err := get(ctx, in, "total")
		if err != nil {
			return err
		}
		c.N++
		err = put(ctx, in, "total", c, etag)
		if !bloberror.HasCode(err, bloberror.ConditionNotMet) {
			return err
		}
	}
}

// addOnce keeps the ids of the messages applied beside the value, in the same
// conditional write.
func addOnce(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
	for {
		c, etag, err := get(ctx, in, "total")
		if err != nil {
			return err
		}
		if slices.Contains(c.Applied, *m.MessageID) {
			return nil
		}
		c.N++
		c.Applied = append(c.Applied, *m.MessageID)
		err = put(ctx, in, "total", c, etag)
		if !bloberror.HasCode(err, bloberror.ConditionNotMet) {
			return err
		}
	}
}

// thumbnail writes a blob whose name and content follow from the message alone.
func thumbnail(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
	return upload(ctx, in, "stats", "thumb-"+*m.MessageText, "small "+*m.MessageText)
}

// text is what the message says, as a number.
func number(m *azqueue.DequeuedMessage) int {
	n, _ := strconv.Atoi(*m.MessageText)
	return n
}

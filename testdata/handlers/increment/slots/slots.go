// Package slots appends the readings of a sensor to its file, records of sixteen
// bytes, each at the place that its number gives.
//
// Right although it appends: the condition on the position is tied to the message.
// The second time the file is longer than the place and the append is refused,
// which means that the record is there; a reading whose predecessor is missing
// waits in the queue.
//
// Message: {"sensor":"s-4","index":0,"milli":21500}
// Before: append blob readings/s-4.bin is empty
package slots

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/appendblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const recordSize = 16

type reading struct {
	Sensor string `json:"sensor"`
	Index  int64  `json:"index"`
	Milli  int64  `json:"milli"`
}

// Collect takes readings from the queue until ctx ends.
func Collect(ctx context.Context, readings *azqueue.QueueClient, files *container.Client) error {
	for ctx.Err() == nil {
		resp, err := readings.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := record(ctx, files, *m.MessageText); err != nil {
			log.Printf("reading %s is left for later: %v", *m.MessageID, err)
			continue
		}
		if _, err := readings.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func record(ctx context.Context, files *container.Client, text string) error {
	var r reading
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return err
	}
	file := files.NewAppendBlobClient(r.Sensor + ".bin")
	place := r.Index * recordSize
	line := fmt.Sprintf("%015d\n", r.Milli)
	_, err := file.AppendBlock(ctx, streaming.NopCloser(strings.NewReader(line)), &appendblob.AppendBlockOptions{
		AppendPositionAccessConditions: &appendblob.AppendPositionAccessConditions{AppendPosition: &place},
	})
	if !bloberror.HasCode(err, bloberror.AppendPositionConditionNotMet) {
		return err
	}
	props, err := file.GetProperties(ctx, nil)
	if err != nil {
		return err
	}
	if *props.ContentLength <= place {
		return fmt.Errorf("reading %d comes before its predecessor", r.Index)
	}
	return nil
}

// Package tailpos appends the readings of a sensor to its file, each at the
// position that the file ends at.
//
// Wrong although each append is conditional: the position is the file's present
// length, not the place that belongs to this reading. It keeps two workers from
// mixing their lines; the message that comes back after a lost delete finds a
// longer file and appends its reading again.
//
// Message: {"sensor":"s-4","celsius":21.5}
// Before: append blob readings/s-4.txt is empty
package tailpos

import (
	"context"
	"encoding/json"
	"errors"
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

type reading struct {
	Sensor  string  `json:"sensor"`
	Celsius float64 `json:"celsius"`
}

// Collect takes readings from the queue until ctx ends.
func Collect(ctx context.Context, readings *azqueue.QueueClient, files *container.Client) error {
	for ctx.Err() == nil {
		resp, err := readings.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		if err := collect(ctx, files, *m.MessageText); err != nil {
			log.Printf("reading %s is left for later: %v", *m.MessageID, err)
			continue
		}
		if _, err := readings.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func collect(ctx context.Context, files *container.Client, text string) error {
	var r reading
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return err
	}
	file := files.NewAppendBlobClient(r.Sensor + ".txt")
	for range 4 {
		err := appendAtEnd(ctx, file, fmt.Sprintf("%.1f\n", r.Celsius))
		if !bloberror.HasCode(err, bloberror.AppendPositionConditionNotMet) {
			return err
		}
	}
	return errors.New("file grows faster than we write")
}

func appendAtEnd(ctx context.Context, file *appendblob.Client, line string) error {
	props, err := file.GetProperties(ctx, nil)
	if err != nil {
		return err
	}
	_, err = file.AppendBlock(ctx, streaming.NopCloser(strings.NewReader(line)), &appendblob.AppendBlockOptions{ // want `\(increment\)`
		AppendPositionAccessConditions: &appendblob.AppendPositionAccessConditions{AppendPosition: props.ContentLength},
	})
	return err
}

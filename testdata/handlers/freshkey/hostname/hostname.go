// Package hostname stores the result of each calculation.
//
// Wrong: the name says which machine and process calculated, and the reader adds up
// all results below the task. Stored, machine frozen, delivered to another one:
// two results of the same task.
//
// Message: {"task":"t-1","a":3,"b":4}
package hostname

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type task struct {
	Task string `json:"task"`
	A    int    `json:"a"`
	B    int    `json:"b"`
}

// Calculator calculates.
type Calculator struct {
	Tasks   *azqueue.QueueClient
	Results *container.Client
}

// Run calculates until ctx ends.
func (c *Calculator) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := c.Tasks.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var t task
		if err := json.Unmarshal([]byte(*m.MessageText), &t); err != nil {
			return err
		}
		if err := c.store(ctx, t.Task, []byte(strconv.Itoa(t.A*t.B))); err != nil {
			return fmt.Errorf("task %s: %w", t.Task, err)
		}
		if _, err := c.Tasks.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (c *Calculator) store(ctx context.Context, task string, result []byte) error {
	me, err := worker()
	if err != nil {
		return err
	}
	_, err = c.Results.NewBlockBlobClient(path.Join(task, me)).UploadBuffer(ctx, result, nil) // want `\(freshkey\)`
	return err
}

func worker() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid()), nil
}

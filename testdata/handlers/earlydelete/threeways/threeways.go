// Package threeways registers a device in three places at once.
//
// Right: one errgroup per message, and its Wait stands between the work and the delete; each of the three can be
// repeated as often as need be.
//
// Message: {"device":"dev-4","model":"X1","site":"zrh"}
package threeways

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"golang.org/x/sync/errgroup"
)

// Registry registers devices.
type Registry struct {
	Queue   *azqueue.QueueClient
	Devices *aztables.Client
	Blobs   *azblob.Client
	HTTP    *http.Client
	Site    string
}

type device struct{ Device, Model, Site string }

// Register registers one device.
func (g *Registry) Register(ctx context.Context) error {
	r, err := g.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var d device
	if err := json.Unmarshal([]byte(*m.MessageText), &d); err != nil {
		return fmt.Errorf("device %s: %w", *m.MessageID, err)
	}

	all, gctx := errgroup.WithContext(ctx)
	all.Go(func() error {
		row, err := json.Marshal(map[string]string{"PartitionKey": d.Site, "RowKey": d.Device, "Model": d.Model})
		if err != nil {
			return err
		}
		_, err = g.Devices.UpsertEntity(gctx, row, nil)
		return err
	})
	all.Go(func() error {
		_, err := g.Blobs.UploadBuffer(gctx, "devices", d.Device+".json", []byte(*m.MessageText), nil)
		return err
	})
	all.Go(func() error { return g.tell(gctx, d) })
	if err := all.Wait(); err != nil {
		return fmt.Errorf("register %s: %w", d.Device, err)
	}

	_, err = g.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (g *Registry) tell(ctx context.Context, d device) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, g.Site+"/devices/"+d.Device, strings.NewReader(d.Model))
	if err != nil {
		return err
	}
	resp, err := g.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("site: %s", resp.Status)
	}
	return nil
}

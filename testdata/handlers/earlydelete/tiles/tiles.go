// Package tiles cuts a map sheet into tiles and uploads each in a goroutine.
//
// Right: the WaitGroup is waited for and every goroutine's error looked at before the sheet's message is deleted.
//
// Message: {"sheet":"alps","tiles":["0-0","0-1","1-0"]}
package tiles

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Cutter cuts.
type Cutter struct {
	Sheets *azqueue.QueueClient
	Tiles  *container.Client
}

type sheet struct {
	Sheet string   `json:"sheet"`
	Tiles []string `json:"tiles"`
}

// Cut cuts the next sheet.
func (c *Cutter) Cut(ctx context.Context) error {
	r, err := c.Sheets.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var s sheet
	if err := json.Unmarshal([]byte(*m.MessageText), &s); err != nil {
		return fmt.Errorf("sheet %s: %w", *m.MessageID, err)
	}
	if err := c.cutAll(ctx, s); err != nil {
		return fmt.Errorf("sheet %s stays: %w", s.Sheet, err)
	}
	_, err = c.Sheets.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (c *Cutter) cutAll(ctx context.Context, s sheet) error {
	errs := make([]error, len(s.Tiles))
	var wg sync.WaitGroup
	for i, tile := range s.Tiles {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = c.upload(ctx, s.Sheet, tile)
		}()
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (c *Cutter) upload(ctx context.Context, sheet, tile string) error {
	picture := fmt.Appendf(nil, "tile %s of %s", tile, sheet)
	if _, err := c.Tiles.NewBlockBlobClient(sheet+"/"+tile+".png").UploadBuffer(ctx, picture, nil); err != nil {
		return fmt.Errorf("tile %s: %w", tile, err)
	}
	return nil
}

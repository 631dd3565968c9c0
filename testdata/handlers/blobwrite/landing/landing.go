// Package landing replaces the landing page by the one in the message, by way of
// a local file. There is one landing page and there are many messages.
package landing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type page struct {
	Campaign string `json:"campaign"`
	HTML     string `json:"html"`
}

// Deployer deploys landing pages.
type Deployer struct {
	Pages  *azqueue.QueueClient
	Target *blockblob.Client // web/index.html
}

// FromEnv dials with the connection string in STORAGE.
func FromEnv() (*Deployer, error) {
	conn := os.Getenv("STORAGE")
	pages, err := azqueue.NewQueueClientFromConnectionString(conn, "landing-pages", nil)
	target, err2 := blockblob.NewClientFromConnectionString(conn, "web", "index.html", nil)
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return &Deployer{Pages: pages, Target: target}, nil
}

// Step deploys at most one page.
func (d *Deployer) Step(ctx context.Context) error {
	resp, err := d.Pages.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(100))})
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var p page
		if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
			return fmt.Errorf("page %s: %w", *m.MessageID, err)
		}
		if err := d.deploy(ctx, p); err != nil {
			return fmt.Errorf("page of %s: %w", p.Campaign, err)
		}
		if _, err := d.Pages.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("page of %s: %w", p.Campaign, err)
		}
	}
	return nil
}

func (d *Deployer) deploy(ctx context.Context, p page) error {
	f, err := os.CreateTemp("", "landing")
	if err != nil {
		return err
	}
	defer func() {
		if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
			log.Print("landing: ", err)
		}
	}()
	if _, err := f.WriteString(p.HTML); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = d.Target.UploadFile(ctx, f, nil) // want `key that several messages share.*\(blobwrite\)`
	return err
}

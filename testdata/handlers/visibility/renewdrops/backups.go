// Package backups dumps databases. The lease is renewed in good time, but always with the first receipt: the
// first renewal makes it invalid, so that the second one fails and the lease ends under the dump.
package backups

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const hidden = int32(90)

// Agent runs beside the database.
type Agent struct {
	Requests *azqueue.QueueClient
	Dumps    *container.Client
}

// Serve handles requests until the context ends.
func (a *Agent) Serve(ctx context.Context) {
	for ctx.Err() == nil {
		resp, err := a.Requests.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(hidden)})
		if err != nil {
			log.Printf("backups: %v", err)
			time.Sleep(10 * time.Second)
			continue
		}
		for _, m := range resp.Messages {
			if err := a.dump(ctx, m); err != nil {
				log.Printf("backups: request %s, delivery %d: %v", *m.MessageID, *m.DequeueCount, err)
				continue
			}
			if _, err := a.Requests.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Printf("backups: delete %s: %v", *m.MessageID, err)
			}
		}
	}
}

func (a *Agent) dump(parent context.Context, m *azqueue.DequeuedMessage) error {
	ctx, stop := context.WithCancelCause(parent)
	defer stop(nil)
	go func() {
		every := time.NewTicker(30 * time.Second)
		defer every.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-every.C:
			}
			_, err := a.Requests.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(hidden)}) // want `renewal.*\(visibility\)`
			if err != nil {
				stop(fmt.Errorf("renew: %w", err))
				return
			}
		}
	}()
	file, err := os.CreateTemp("", "dump")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	cmd := exec.CommandContext(ctx, "pg_dump", "--snapshot", *m.MessageText)
	cmd.Stdout = file
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("pg_dump: %w", err)
	}
	_, err = a.Dumps.NewBlockBlobClient(*m.MessageID).UploadFile(ctx, file, nil)
	return err
}

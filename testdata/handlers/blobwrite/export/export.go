// Package export writes the table in a message as CSV, by way of a local file.
//
// Right although the file has a random name: that name stays on this machine;
// the blob's name and its content come from the message.
package export

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type export struct {
	ID   string     `json:"id"`
	Rows [][]string `json:"rows"`
}

// Exporter exports.
type Exporter struct {
	Requests *azqueue.QueueClient
	Account  *service.Client
	TempDir  string
}

// Handle exports at most one table.
func (e *Exporter) Handle(ctx context.Context) error {
	resp, err := e.Requests.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(300))})
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	for _, m := range resp.Messages {
		var x export
		if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
			return fmt.Errorf("export: %s: %w", *m.MessageID, err)
		}
		if err := e.export(ctx, x); err != nil {
			return fmt.Errorf("export: %s: %w", x.ID, err)
		}
		if _, err := e.Requests.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("export: %s: delete: %w", x.ID, err)
		}
	}
	return nil
}

func (e *Exporter) export(ctx context.Context, x export) error {
	f, err := os.CreateTemp(e.TempDir, "export-*.csv")
	if err != nil {
		return err
	}
	defer func() {
		_ = f.Close()
		if err := os.Remove(f.Name()); err != nil {
			slog.Warn("temporary file left behind", "file", f.Name(), "err", err)
		}
	}()
	if err := csv.NewWriter(f).WriteAll(x.Rows); err != nil {
		return err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return err
	}
	target := e.Account.NewContainerClient("exports").NewBlockBlobClient(x.ID + ".csv")
	_, err = target.UploadFile(ctx, f, nil)
	return err
}

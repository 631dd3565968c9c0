// Package scratch renders reports through a local file.
//
// Right: the upload precedes the delete. What comes after it only tidies this machine: the scratch directory is
// removed, and the worker takes a breath; a crash in between leaves a stale directory in /tmp.
//
// Message: {"report":"rp-2","lines":["one","two"]}
package scratch

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Renderer renders.
type Renderer struct {
	Queue   *azqueue.QueueClient
	Reports *container.Client
}

// Render renders the next report.
func (r *Renderer) Render(ctx context.Context) error {
	got, err := r.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil || len(got.Messages) == 0 {
		return err
	}
	m := got.Messages[0]
	var rep struct {
		Report string   `json:"report"`
		Lines  []string `json:"lines"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &rep); err != nil {
		return fmt.Errorf("report %s: %w", *m.MessageID, err)
	}

	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		return err
	}
	if err := r.publish(ctx, filepath.Join(dir, "report.txt"), rep.Report, rep.Lines); err != nil {
		os.RemoveAll(dir)
		return err
	}
	if _, err := r.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		os.RemoveAll(dir)
		return fmt.Errorf("delete %s: %w", *m.MessageID, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("tidy up after %s: %w", rep.Report, err)
	}
	time.Sleep(200 * time.Millisecond)
	return nil
}

func (r *Renderer) publish(ctx context.Context, path, name string, lines []string) error {
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := r.Reports.NewBlockBlobClient(name+".txt").UploadFile(ctx, f, nil); err != nil {
		return fmt.Errorf("publish %s: %w", name, err)
	}
	return nil
}

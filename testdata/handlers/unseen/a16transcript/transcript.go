// Package transcript cleans transcripts of calls.
//
// Right although a blob is read, changed and written without a precondition: what is written is another blob, of the
// same container.
package transcript

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"regexp"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

var cardNumber = regexp.MustCompile(`\b(?:\d[ -]?){13,16}\b`)

// files is a container.
type files struct {
	client *azblob.Client
	name   string
}

func (f files) get(ctx context.Context, key string) ([]byte, error) {
	r, err := f.client.DownloadStream(ctx, f.name, key, nil)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

func (f files) put(ctx context.Context, key string, data []byte) error {
	_, err := f.client.UploadBuffer(ctx, f.name, key, data, nil)
	return err
}

// Cleaner cleans.
type Cleaner struct {
	calls *azqueue.QueueClient
	files files
}

// NewCleaner returns a Cleaner.
func NewCleaner(calls *azqueue.QueueClient, blobs *azblob.Client) *Cleaner {
	return &Cleaner{calls: calls, files: files{client: blobs, name: "calls"}}
}

// Run cleans until the context ends.
func (c *Cleaner) Run(ctx context.Context) error {
	for {
		resp, err := c.calls.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4))})
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			call := strings.TrimSpace(*m.MessageText)
			if err := c.clean(ctx, call); err != nil {
				log.Printf("transcript: call %s: %v", call, err)
				continue
			}
			if _, err := c.calls.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Printf("transcript: call %s: %v", call, err)
			}
		}
		if len(resp.Messages) == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(10 * time.Second):
			}
		}
	}
}

func inbox(call string) string { return "inbox/" + call + ".txt" }

func clean(call string) string { return "clean/" + call + ".txt" }

func (c *Cleaner) clean(ctx context.Context, call string) error {
	raw, err := c.files.get(ctx, inbox(call))
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	var out bytes.Buffer
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), " \t")
		if line == "" {
			continue
		}
		out.WriteString(cardNumber.ReplaceAllString(line, "[card]"))
		out.WriteByte('\n')
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	if err := c.files.put(ctx, clean(call), out.Bytes()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// Package moderation files verdicts about comments.
//
// Right: the verdict tells what becomes of the message; the two verdicts that do not delete stand for failures.
package moderation

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Verdict is the result of moderate.
type Verdict uint8

// The verdicts.
const (
	Accepted Verdict = iota
	Rejected
	Unreadable
	StorageDown
)

// String is for the log.
func (v Verdict) String() string {
	return [...]string{"accepted", "rejected", "unreadable", "storage down"}[v]
}

type comment struct {
	Author, Text string
}

// Moderate handles one comment; rude says what must not appear.
func Moderate(ctx context.Context, q *azqueue.QueueClient, site *container.Client, rude []string) error {
	r, err := q.DequeueMessage(ctx, nil)
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	verdict, err := moderate(ctx, site, *m.MessageID, *m.MessageText, rude)
	log.Printf("comment %s: %s", *m.MessageID, verdict)
	switch verdict {
	case Unreadable, StorageDown:
		return fmt.Errorf("delivery %d of %s: %w", *m.DequeueCount, *m.MessageID, err)
	case Accepted, Rejected:
		_, err = q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	}
	return err
}

func moderate(ctx context.Context, site *container.Client, id, text string, rude []string) (Verdict, error) {
	var c comment
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return Unreadable, err
	}
	verdict, folder := Accepted, "public/"
	for _, word := range rude {
		if strings.Contains(strings.ToLower(c.Text), word) {
			verdict, folder = Rejected, "rejected/"
			break
		}
	}
	if _, err := site.NewBlockBlobClient(folder+id).UploadBuffer(ctx, []byte(c.Text), nil); err != nil {
		return StorageDown, err
	}
	return verdict, nil
}

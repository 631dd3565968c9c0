// Package claimbatch transcribes voice notes in batches.
//
// Wrong: claim() deletes the whole batch up front, so that no other worker sees it, and only then the notes are
// stored one by one. A crash at the third note loses the third and all after it.
//
// Message: {"note":"n-15","words":["hello","world"]}
package claimbatch

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type note struct {
	Note  string   `json:"note"`
	Words []string `json:"words"`
}

// Transcriber turns notes into text.
type Transcriber struct {
	Notes *azqueue.QueueClient
	Texts *container.Client
}

// Batch transcribes up to sixteen notes.
func (t *Transcriber) Batch(ctx context.Context) (int, error) {
	notes, err := t.claim(ctx, 16)
	if err != nil {
		return 0, err
	}
	for i, n := range notes {
		if err := t.store(ctx, n); err != nil {
			return i, fmt.Errorf("note %s: %w", n.Note, err)
		}
	}
	return len(notes), nil
}

// claim makes this worker the only one to know of the notes it returns.
func (t *Transcriber) claim(ctx context.Context, n int32) ([]note, error) {
	r, err := t.Notes.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages: to.Ptr(n), VisibilityTimeout: to.Ptr(int32(60)),
	})
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	var notes []note
	for _, m := range r.Messages {
		var x note
		if err := json.Unmarshal([]byte(*m.MessageText), &x); err != nil {
			continue // stays until somebody looks at it
		}
		if _, err := t.Notes.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(earlydelete\)`
			continue // somebody else's now
		}
		notes = append(notes, x)
	}
	return notes, nil
}

func (t *Transcriber) store(ctx context.Context, n note) error {
	text := strings.Join(n.Words, " ") + "\n"
	_, err := t.Texts.NewBlockBlobClient("notes/"+n.Note+".txt").UploadBuffer(ctx, []byte(text), nil)
	return err
}

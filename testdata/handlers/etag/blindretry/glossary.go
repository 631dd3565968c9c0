// Package glossary enters terms into a shared glossary.
//
// The first upload is conditioned as it should be; but after a refusal the author
// fetches the new ETag and sends the old content again: the very update that the
// refusal told of is lost.
package glossary

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type entry struct {
	Language string `json:"language"`
	Term     string `json:"term"`
	Meaning  string `json:"meaning"`
}

// Editor enters terms.
type Editor struct {
	Entries    *azqueue.QueueClient
	Glossaries *container.Client
}

// Edit handles at most one entry.
func (e *Editor) Edit(ctx context.Context) error {
	resp, err := e.Entries.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var en entry
		if err := json.Unmarshal([]byte(*m.MessageText), &en); err != nil {
			return fmt.Errorf("entry %s: %w", *m.MessageID, err)
		}
		if err := e.enter(ctx, en); err != nil {
			slog.Warn("term not entered", "term", en.Term, "err", err)
			return err
		}
		if _, err := e.Entries.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("entry %s: delete: %w", *m.MessageID, err)
		}
	}
	return nil
}

func (e *Editor) enter(ctx context.Context, en entry) error {
	bb := e.Glossaries.NewBlockBlobClient(en.Language + ".json")
	got, err := bb.DownloadStream(ctx, nil)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(got.Body)
	if err = errors.Join(err, got.Body.Close()); err != nil {
		return err
	}
	terms := map[string]string{}
	if err := json.Unmarshal(text, &terms); err != nil {
		return err
	}
	terms[en.Term] = en.Meaning
	if text, err = json.Marshal(terms); err != nil {
		return err
	}
	etag := got.ETag
	for range 3 {
		_, err = bb.UploadBuffer(ctx, text, ifUnchanged(etag)) // want `version read after the content.*\(etag\)`
		if !bloberror.HasCode(err, bloberror.ConditionNotMet) {
			return err
		}
		props, perr := bb.GetProperties(ctx, nil)
		if perr != nil {
			return perr
		}
		etag = props.ETag
	}
	return err
}

func ifUnchanged(etag *azcore.ETag) *blockblob.UploadBufferOptions {
	return &blockblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: etag},
		},
	}
}

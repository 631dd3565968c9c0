// Package staledoc applies remarks to playbooks; several workers share the container.
package staledoc

import (
	"context"
	"encoding/json"
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

type playbook struct {
	Title   string            `json:"title"`
	Remarks map[string]string `json:"remarks"` // by message id
}

type remark struct {
	Playbook string `json:"playbook"`
	Text     string `json:"text"`
}

// Drain handles what is in the queue.
func Drain(ctx context.Context, q *azqueue.QueueClient, docs *container.Client) error {
	for {
		got, err := q.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		if len(got.Messages) == 0 {
			return nil
		}
		for _, m := range got.Messages {
			var r remark
			if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
				slog.Error("not a remark", "message", *m.MessageID, "err", err)
				continue
			}
			err := update(ctx, docs.NewBlockBlobClient(r.Playbook+".json"), func(p *playbook) {
				if p.Remarks == nil {
					p.Remarks = map[string]string{}
				}
				p.Remarks[*m.MessageID] = r.Text
			})
			if err != nil {
				slog.Error("remark", "message", *m.MessageID, "delivery", *m.DequeueCount, "err", err)
				continue
			}
			if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				slog.Error("delete", "message", *m.MessageID, "err", err)
			}
		}
	}
}

const tries = 5

// update changes a document; when somebody else was faster it tries again with the new version.
func update[T any](ctx context.Context, bc *blockblob.Client, change func(*T)) error {
	doc, etag, err := load[T](ctx, bc)
	if err != nil {
		return err
	}
	change(doc)
	body, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	for range tries {
		opts := &blockblob.UploadBufferOptions{AccessConditions: ifMatch(etag)}
		_, err = bc.UploadBuffer(ctx, body, opts) // want `(precondition from another read|version read after the content).*\(etag\)`
		if !bloberror.HasCode(err, bloberror.ConditionNotMet) {
			return err
		}
		props, perr := bc.GetProperties(ctx, nil)
		if perr != nil {
			return perr
		}
		etag = props.ETag
	}
	return fmt.Errorf("%s: given up after %d tries: %w", bc.URL(), tries, err)
}

func load[T any](ctx context.Context, bc *blockblob.Client) (*T, *azcore.ETag, error) {
	rsp, err := bc.DownloadStream(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	defer rsp.Body.Close()
	text, err := io.ReadAll(rsp.Body)
	if err != nil {
		return nil, nil, err
	}
	doc := new(T)
	if err := json.Unmarshal(text, doc); err != nil {
		return nil, nil, err
	}
	return doc, rsp.ETag, nil
}

func ifMatch(etag *azcore.ETag) *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: etag}}
}

// Package share grants access to a document for three days.
//
// Right although the expiry is computed from the clock: the first attempt to get
// through creates the grant, every other one finds it there and leaves it alone.
package share

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type grant struct {
	Document, Reader string
	Expires          time.Time
}

var createOnly = &blob.AccessConditions{
	ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)},
}

// Poll handles at most one request.
func Poll(ctx context.Context, in *azqueue.QueueClient, out *azblob.Client) error {
	r, err := in.DequeueMessage(ctx, nil)
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	g := grant{Expires: time.Now().Add(3 * 24 * time.Hour)}
	if err := json.Unmarshal([]byte(*m.MessageText), &g); err != nil {
		return fmt.Errorf("request %s: %w", *m.MessageID, err)
	}
	if err := create(ctx, out, *m.MessageID+".json", g); err != nil {
		return fmt.Errorf("request %s: %w", *m.MessageID, err)
	}
	_, err = in.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func create(ctx context.Context, out *azblob.Client, name string, g grant) error {
	doc, err := json.Marshal(g)
	if err != nil {
		return err
	}
	_, err = out.UploadStream(ctx, "shares", name, bytes.NewReader(doc), &azblob.UploadStreamOptions{AccessConditions: createOnly})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		log.Printf("%s was granted by an earlier delivery", name)
		return nil
	}
	return err
}

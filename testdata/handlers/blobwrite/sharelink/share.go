// Package share grants access to a document for three days from when it is
// asked for; in truth from when the last attempt ran.
package share

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const validity = 72 * time.Hour

type grant struct {
	Document string `json:"document"`
	Reader   string `json:"reader"`
	Expires  string `json:"expires"`
}

// Granter handles share requests.
type Granter struct {
	in  *azqueue.QueueClient
	out *azblob.Client
}

// NewGranter returns a Granter.
func NewGranter(in *azqueue.QueueClient, out *azblob.Client) *Granter {
	return &Granter{in: in, out: out}
}

// Serve runs until the queue fails.
func (g *Granter) Serve(ctx context.Context) error {
	for {
		r, err := g.in.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(45))})
		if err != nil {
			return fmt.Errorf("share: receive: %w", err)
		}
		for _, m := range r.Messages {
			id := *m.MessageID
			if err := g.grant(ctx, id, *m.MessageText); err != nil {
				slog.Error("share request failed", "id", id, "err", err)
				continue
			}
			if _, err := g.in.DeleteMessage(ctx, id, *m.PopReceipt, nil); err != nil {
				slog.Error("share request not deleted", "id", id, "err", err)
			}
		}
	}
}

func (g *Granter) grant(ctx context.Context, id, text string) error {
	var gr grant
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&gr); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	gr.Expires = expiry().Format(time.RFC3339)
	var sb strings.Builder
	if err := json.NewEncoder(&sb).Encode(gr); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	_, err := g.out.UploadStream(ctx, "shares", id+".json", strings.NewReader(sb.String()), nil) // want `content that differs from attempt to attempt.*\(blobwrite\)`
	return err
}

func expiry() time.Time {
	return time.Now().UTC().Add(validity)
}

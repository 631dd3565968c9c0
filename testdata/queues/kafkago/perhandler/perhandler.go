// Package perhandler commits in the handler of each topic. A handler that fails returns
// without a commit, the loop goes on, and the next commit covers what failed. And the two
// topics have no order between them: what was deleted may be created again.
package perhandler

import (
	"context"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/segmentio/kafka-go"
)

type Processor struct {
	reader *kafka.Reader
	blobs  *azblob.Client
}

func (p *Processor) Run(ctx context.Context) {
	for {
		m, err := p.reader.FetchMessage(ctx)
		if err != nil {
			slog.Error("fetch", "err", err)
			return
		}
		switch m.Topic {
		case "created":
			p.created(ctx, m)
		case "deleted":
			p.deleted(ctx, m)
		}
	}
}

func (p *Processor) created(ctx context.Context, m kafka.Message) {
	if _, err := p.blobs.UploadBuffer(ctx, "products", string(m.Key), m.Value, nil); err != nil { // want `messages of different kinds write it.*\(blobwrite\)`
		slog.Warn("create", "key", string(m.Key), "err", err)
		return
	}
	p.commit(ctx, m)
}

func (p *Processor) deleted(ctx context.Context, m kafka.Message) {
	if _, err := p.blobs.DeleteBlob(ctx, "products", string(m.Key), nil); err != nil {
		slog.Warn("delete", "key", string(m.Key), "err", err)
		return
	}
	p.commit(ctx, m)
}

func (p *Processor) commit(ctx context.Context, m kafka.Message) {
	if err := p.reader.CommitMessages(ctx, m); err != nil { // miss `settled although the work failed`
		slog.Warn("commit", "offset", m.Offset, "err", err)
	}
}

// Package stanright acknowledges what was stored; what was not comes again when its time
// is over. The name is the stream's sequence number, the same at each delivery.
package stanright

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/nats-io/stan.go"
)

func Store(ctx context.Context, conn stan.Conn, blobs *azblob.Client) error {
	sub, err := conn.Subscribe("log", func(m *stan.Msg) {
		name := fmt.Sprintf("log/%020d", m.Sequence)
		if _, err := blobs.UploadBuffer(ctx, "log", name, m.Data, nil); err != nil {
			slog.Error("log", "sequence", m.Sequence, "err", err)
			return
		}
		if err := m.Ack(); err != nil {
			slog.Error("ack", "sequence", m.Sequence, "err", err)
		}
	}, stan.SetManualAckMode(), stan.DurableName("log"))
	if err != nil {
		return err
	}
	defer sub.Close()
	<-ctx.Done()
	return ctx.Err()
}

// Package readcommits stores pictures that a topic names. ReadMessage commits the offset
// before the picture is stored.
package readcommits

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/segmentio/kafka-go"
)

type picture struct {
	ID    string `json:"id"`
	Bytes []byte `json:"bytes"`
}

func Run(ctx context.Context, brokers []string, blobs *azblob.Client) error {
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, GroupID: "pictures", Topic: "pictures.uploaded"})
	defer r.Close()
	for {
		m, err := r.ReadMessage(ctx) // want `settled as it is received, before .*UploadBuffer.*\(earlydelete\)`
		if err != nil {
			return err
		}
		var p picture
		if err := json.Unmarshal(m.Value, &p); err != nil {
			slog.Warn("not a picture", "offset", m.Offset)
			continue
		}
		if _, err := blobs.UploadBuffer(ctx, "pictures", p.ID, p.Bytes, nil); err != nil {
			return err
		}
	}
}

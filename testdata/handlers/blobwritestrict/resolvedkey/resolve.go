// Package resolvedkey stores attachments in the folder that the case's row names;
// the row may name another one when the message comes back.
package resolvedkey

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

type attachment struct {
	Case string `json:"case"`
	Name string `json:"name"`
	Data []byte `json:"data"`
}

type store struct {
	cases *azcosmos.ContainerClient
	files *container.Client
}

// Run stores attachments until the receiver fails.
func Run(ctx context.Context, rcv *azservicebus.Receiver, cases *azcosmos.ContainerClient, files *container.Client) error {
	s := store{cases, files}
	for {
		msgs, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := s.put(ctx, m.Body); err != nil {
				slog.Error("attachment", "message", m.MessageID, "err", err)
				if err := rcv.AbandonMessage(ctx, m, nil); err != nil {
					return err
				}
				continue
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

func (s store) folder(ctx context.Context, id string) (string, error) {
	item, err := s.cases.ReadItem(ctx, azcosmos.NewPartitionKeyString(id), id, nil)
	if err != nil {
		return "", fmt.Errorf("case %s: %w", id, err)
	}
	var c struct {
		Folder string `json:"folder"`
	}
	err = json.Unmarshal(item.Value, &c)
	return c.Folder, err
}

func (s store) put(ctx context.Context, body []byte) error {
	var a attachment
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	dir, err := s.folder(ctx, a.Case)
	if err != nil {
		return err
	}
	_, err = s.files.NewBlockBlobClient(dir+"/"+a.Name).UploadBuffer(ctx, a.Data, nil) // want `strict.*\(blobwrite\)`
	return err
}

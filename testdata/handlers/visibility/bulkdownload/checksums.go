// Package checksums downloads films of many gigabytes and notes their checksums, 32 messages on one default lease.
package checksums

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

const perReceive = 32

// Verify works through the queue.
func Verify(ctx context.Context, q *azqueue.QueueClient, films *azblob.Client, sums *aztables.Client) error {
	for ctx.Err() == nil {
		r, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(perReceive))})
		if err != nil {
			return err
		}
		if len(r.Messages) == 0 {
			break
		}
		for _, m := range r.Messages {
			sum, err := checksum(ctx, films, *m.MessageText)
			if err != nil {
				log.Printf("checksum of %s, delivery %d: %v", *m.MessageText, *m.DequeueCount, err)
				continue
			}
			row, err := json.Marshal(map[string]string{"PartitionKey": "sha256", "RowKey": *m.MessageID, "Sum": sum})
			if err != nil {
				return err
			}
			if _, err := sums.UpsertEntity(ctx, row, nil); err != nil {
				return err
			}
			if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func checksum(ctx context.Context, films *azblob.Client, name string) (string, error) {
	tmp, err := os.CreateTemp("", "film-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	if _, err := films.DownloadFile(ctx, "films", name, tmp, nil); err != nil { // want `can outlast the lease.*\(visibility\)`
		return "", err
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h := sha256.New()
	if _, err := io.Copy(h, tmp); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

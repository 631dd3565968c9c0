// Package stageblocks puts the chapters of a book together, block by block.
//
// Right although the blocks have fresh ids: a block is nothing until it is committed,
// the commit names the blocks of one attempt, in order, under the book's name, and
// the service throws away those of attempts that came to nothing.
//
// Message: {"book":"b-1","chapters":["one","two"]}
package stageblocks

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type book struct {
	Book     string   `json:"book"`
	Chapters []string `json:"chapters"`
}

// Run puts books together until ctx ends.
func Run(ctx context.Context, queue *azqueue.QueueClient, books *container.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(300))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var b book
		if err := json.Unmarshal([]byte(*m.MessageText), &b); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		if err := bind(ctx, books.NewBlockBlobClient(b.Book+".txt"), b.Chapters); err != nil {
			log.Printf("book %s: %v", b.Book, err)
			continue
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func bind(ctx context.Context, dest *blockblob.Client, chapters []string) error {
	ids := make([]string, 0, len(chapters))
	for _, text := range chapters {
		id := blockID()
		if _, err := dest.StageBlock(ctx, id, streaming.NopCloser(strings.NewReader(text+"\n")), nil); err != nil {
			return fmt.Errorf("stage: %w", err)
		}
		ids = append(ids, id)
	}
	if _, err := dest.CommitBlockList(ctx, ids, nil); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func blockID() string {
	id := uuid.New()
	return base64.StdEncoding.EncodeToString(id[:])
}

// Package bulkload loads a file of rows for each message.
//
// Wrong: COPY has no conflict clause; a file that is loaded twice is there twice.
package bulkload

import (
	"context"
	"encoding/csv"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/jackc/pgx/v5"
)

// Load handles one message: the name of a blob.
func Load(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, db *pgx.Conn) error {
	hidden := int32(1800)
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: &hidden})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	got, err := blobs.DownloadStream(ctx, "imports", *m.MessageText, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	rows, err := parse(got.Body)
	if err != nil {
		return err
	}
	_, err = db.CopyFrom(ctx, pgx.Identifier{"measurements"}, []string{"station", "value"}, pgx.CopyFromRows(rows)) // want `CopyFrom loads rows without a mark.*\(sideeffect\)`
	if err != nil {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func parse(r io.Reader) ([][]any, error) {
	lines, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	var rows [][]any
	for _, l := range lines {
		rows = append(rows, []any{l[0], l[1]})
	}
	return rows, nil
}

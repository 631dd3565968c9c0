package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const (
	bucket  = "imports"
	lastRun = "status/last-run.json"
)

type upload struct {
	Run  string `json:"run"`
	Rows string `json:"rows"`
}

type status struct {
	Run   string `json:"run"`
	Lines int    `json:"lines"`
}

// Importer imports files.
type Importer struct {
	queue queue
	blobs *azblob.Client
}

// New returns an Importer.
func New(q *azqueue.QueueClient, blobs *azblob.Client) *Importer {
	return &Importer{queue: queue{client: q, hide: 120}, blobs: blobs}
}

// Poll imports at most one file.
func (im *Importer) Poll(ctx context.Context) error {
	m, ok, err := im.queue.receive(ctx)
	if err != nil || !ok {
		return err
	}
	if err := im.run(ctx, m); err != nil {
		log.Printf("import %s: %v", m.ID, err)
		return err
	}
	return im.queue.delete(ctx, m)
}

func (im *Importer) run(ctx context.Context, m message) (err error) {
	var u upload
	if err := json.Unmarshal([]byte(m.Body), &u); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	st := status{Run: u.Run}
	defer func() {
		if err != nil {
			return
		}
		data, merr := json.Marshal(st)
		if merr != nil {
			err = merr
			return
		}
		_, err = im.blobs.UploadBuffer(ctx, bucket, lastRun, data, nil) // want `key that several messages share.*\(blobwrite\)`
	}()
	rows := strings.Split(strings.TrimSpace(u.Rows), "\n")
	st.Lines = len(rows)
	normal := strings.Join(rows, "\n") + "\n"
	_, err = im.blobs.UploadBuffer(ctx, bucket, "runs/"+u.Run+".csv", []byte(normal), nil)
	return err
}

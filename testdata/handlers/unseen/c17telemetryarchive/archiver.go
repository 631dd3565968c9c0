// Package archiver files telemetry by day and device.
//
// Right: prefix and container are configured, but the name ends in the device and sequence number of the message, and
// the day is the day of the measurement.
package archiver

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"path"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Config says where.
type Config struct {
	Container string `json:"container"`
	Prefix    string `json:"prefix"`
}

// Sample is one measurement.
type Sample struct {
	Device   string             `json:"device"`
	Sequence uint64             `json:"sequence"`
	At       time.Time          `json:"at"`
	Values   map[string]float64 `json:"values"`
}

type record struct {
	Sample
	ArchivedAt time.Time `json:"archivedAt"`
}

// Archiver archives.
type Archiver struct {
	cfg   Config
	recv  *azservicebus.Receiver
	store *azblob.Client
}

// New returns an Archiver.
func New(cfg Config, recv *azservicebus.Receiver, store *azblob.Client) (*Archiver, error) {
	if cfg.Container == "" {
		return nil, errors.New("archiver: no container")
	}
	return &Archiver{cfg: cfg, recv: recv, store: store}, nil
}

// Run archives until receiving fails.
func (a *Archiver) Run(ctx context.Context) error {
	for {
		msgs, err := a.recv.ReceiveMessages(ctx, 20, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := a.archive(ctx, m.Body); err != nil {
				log.Printf("sample %s, delivery %d: %v", m.MessageID, m.DeliveryCount, err)
				if err := a.recv.AbandonMessage(ctx, m, nil); err != nil {
					log.Printf("abandon %s: %v", m.MessageID, err)
				}
				continue
			}
			if err := a.recv.CompleteMessage(ctx, m, nil); err != nil {
				log.Printf("complete %s: %v", m.MessageID, err)
			}
		}
	}
}

func (a *Archiver) archive(ctx context.Context, body []byte) error {
	var s Sample
	if err := json.Unmarshal(body, &s); err != nil {
		return err
	}
	packed, err := pack(record{Sample: s, ArchivedAt: time.Now()})
	if err != nil {
		return err
	}
	_, err = a.store.UploadBuffer(ctx, a.cfg.Container, a.name(s), packed, nil)
	return err
}

func (a *Archiver) name(s Sample) string {
	return path.Join(a.cfg.Prefix, s.At.UTC().Format("2006/01/02"), s.Device, fmt.Sprintf("%012d.json.gz", s.Sequence))
}

func pack(v any) ([]byte, error) {
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	if err := json.NewEncoder(zw).Encode(v); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

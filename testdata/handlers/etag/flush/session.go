// Package session collects the answers of a survey; the sheet is flushed by a
// deferred function.
package session

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"path"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

type answer struct {
	Survey   string `json:"survey"`
	Person   string `json:"person"`
	Question string `json:"question"`
	Text     string `json:"text"`
}

type sheet struct {
	Answers map[string]string `json:"answers"`
}

// Collector takes answers off a subscription.
type Collector struct {
	rcv    *azservicebus.Receiver
	blobs  *azblob.Client
	bucket string
}

// NewCollector returns a Collector.
func NewCollector(rcv *azservicebus.Receiver, blobs *azblob.Client, bucket string) *Collector {
	return &Collector{rcv: rcv, blobs: blobs, bucket: bucket}
}

// Collect handles one answer.
func (c *Collector) Collect(ctx context.Context) error {
	msgs, err := c.rcv.ReceiveMessages(ctx, 1, nil)
	if err != nil {
		return err
	}
	for _, m := range msgs {
		if err := c.enter(ctx, m); err != nil {
			log.Printf("answer %s: %v", m.MessageID, err)
			if err := c.rcv.AbandonMessage(ctx, m, nil); err != nil {
				return fmt.Errorf("abandon: %w", err)
			}
			continue
		}
		if err := c.rcv.CompleteMessage(ctx, m, nil); err != nil {
			return fmt.Errorf("complete: %w", err)
		}
	}
	return nil
}

func (c *Collector) enter(ctx context.Context, m *azservicebus.ReceivedMessage) (err error) {
	var a answer
	if err := json.Unmarshal(m.Body, &a); err != nil {
		return err
	}
	name := path.Join("surveys", a.Survey, a.Person+".json")
	resp, err := c.blobs.DownloadStream(ctx, c.bucket, name, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var s sheet
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			return
		}
		var raw []byte
		if raw, err = json.Marshal(s); err == nil {
			_, err = c.blobs.UploadBuffer(ctx, c.bucket, name, raw, nil) // want `read-modify-write without a precondition.*\(etag\)`
		}
	}()
	if a.Question == "" {
		return fmt.Errorf("answer of %s to no question", a.Person)
	}
	s.Answers[a.Question] = a.Text
	return nil
}

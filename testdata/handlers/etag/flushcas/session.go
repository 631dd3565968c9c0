// Package session collects the answers of a survey; the sheet is flushed by a
// deferred function.
//
// Right: the deferred upload is conditioned on the ETag of the download it
// follows, captured by the closure.
package session

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
)

type answer struct{ Survey, Person, Question, Text string }

type sheet struct {
	Answers map[string]string `json:"answers"`
}

// Collect handles the answers of one receive.
func Collect(ctx context.Context, rcv *azservicebus.Receiver, blobs *azblob.Client) error {
	msgs, err := rcv.ReceiveMessages(ctx, 5, &azservicebus.ReceiveMessagesOptions{})
	if err != nil {
		return err
	}
	for _, m := range msgs {
		switch err := enter(ctx, blobs, m.Body); {
		case err == nil:
			err = rcv.CompleteMessage(ctx, m, nil)
			if err != nil {
				return err
			}
		default:
			slog.ErrorContext(ctx, "answer not entered", "id", m.MessageID, "delivery", m.DeliveryCount, "err", err)
			if err := rcv.AbandonMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func enter(ctx context.Context, blobs *azblob.Client, body []byte) (err error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	name := fmt.Sprintf("surveys/%s/%s.json", a.Survey, a.Person)
	resp, err := blobs.DownloadStream(ctx, "answers", name, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	s := sheet{Answers: map[string]string{}}
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		return err
	}
	defer func() {
		if err == nil {
			err = flush(ctx, blobs, name, s, &blob.ModifiedAccessConditions{IfMatch: resp.ETag})
		}
	}()
	if a.Question == "" {
		return fmt.Errorf("answer of %s to no question", a.Person)
	}
	s.Answers[a.Question] = a.Text
	return nil
}

func flush(ctx context.Context, blobs *azblob.Client, name string, s sheet, cond *blob.ModifiedAccessConditions) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = blobs.UploadBuffer(ctx, "answers", name, raw, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: cond},
	})
	return err
}

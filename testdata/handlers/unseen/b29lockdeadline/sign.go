// Package lockdeadline has packages signed by a slow signer.
//
// Right: whatever the queue's lock duration is, the work ends five seconds before the lock does.
package lockdeadline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

const reserve = 5 * time.Second

// Signer signs.
type Signer struct {
	receiver *azservicebus.Receiver
	blobs    *azblob.Client
	endpoint string
	poll     time.Duration
}

// New returns a Signer that looks every two seconds whether the service is done.
func New(receiver *azservicebus.Receiver, blobs *azblob.Client, endpoint string) *Signer {
	return &Signer{receiver: receiver, blobs: blobs, endpoint: endpoint, poll: 2 * time.Second}
}

func untilLockEnds(ctx context.Context, msg *azservicebus.ReceivedMessage) (context.Context, context.CancelFunc) {
	if msg.LockedUntil == nil {
		return context.WithTimeout(ctx, 20*time.Second)
	}
	return context.WithDeadline(ctx, msg.LockedUntil.Add(-reserve))
}

// Run ends with the context.
func (s *Signer) Run(ctx context.Context) error {
	for {
		msgs, err := s.receiver.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, msg := range msgs {
			work, cancel := untilLockEnds(ctx, msg)
			err := s.sign(work, msg)
			cancel()
			if err != nil {
				slog.Error("sign", "message", msg.MessageID, "delivery", msg.DeliveryCount, "err", err)
				if errors.Is(err, context.DeadlineExceeded) {
					continue // the lock is about to end by itself
				}
				if err := s.receiver.AbandonMessage(ctx, msg, nil); err != nil {
					slog.Error("abandon", "message", msg.MessageID, "err", err)
				}
				continue
			}
			if err := s.receiver.CompleteMessage(ctx, msg, nil); err != nil {
				slog.Error("complete", "message", msg.MessageID, "err", err)
			}
		}
	}
}

func (s *Signer) sign(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	job := s.endpoint + "/jobs/" + msg.MessageID
	if _, err := call(ctx, http.MethodPut, job, msg.Body); err != nil {
		return err
	}
	tick := time.NewTicker(s.poll)
	defer tick.Stop()
	for {
		signature, err := call(ctx, http.MethodGet, job+"/signature", nil)
		if err != nil {
			return err
		}
		if len(signature) > 0 {
			_, err := s.blobs.UploadBuffer(ctx, "signatures", msg.MessageID+".sig", signature, nil)
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func call(ctx context.Context, method, url string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusNoContent, http.StatusAccepted:
		return nil, nil
	case http.StatusOK:
		return io.ReadAll(resp.Body)
	}
	return nil, fmt.Errorf("%s %s: %s", method, url, resp.Status)
}

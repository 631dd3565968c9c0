// Package verdict registers devices with the vendor's cloud and keeps the certificate.
//
// Right: a verdict, made three calls down, decides; "later" leaves the message on purpose, as its lock is the delay.
package verdict

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

type disposition int

const (
	abandon disposition = iota
	complete
	deadLetter
	later
)

type verdict struct {
	disposition disposition
	reason      string
	err         error
}

type busyError struct{ status string }

func (e busyError) Error() string { return "vendor is busy: " + e.status }

var errUnknownModel = errors.New("unknown model")

// Worker registers devices.
type Worker struct {
	receiver *azservicebus.Receiver
	certs    *container.Client
	vendor   string
	client   *http.Client
}

// New allows the vendor ten seconds.
func New(receiver *azservicebus.Receiver, certs *container.Client, vendor string) *Worker {
	return &Worker{receiver: receiver, certs: certs, vendor: vendor, client: &http.Client{Timeout: 10 * time.Second}}
}

// Run ends with the context, when the devices in hand are done.
func (w *Worker) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		msgs, err := w.receiver.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, msg := range msgs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				ctx := context.WithoutCancel(ctx)
				w.settle(ctx, msg, w.process(ctx, msg))
			}()
		}
	}
}

func (w *Worker) process(ctx context.Context, msg *azservicebus.ReceivedMessage) verdict {
	var d device
	if err := json.Unmarshal(msg.Body, &d); err != nil {
		return verdict{disposition: deadLetter, reason: "malformed", err: err}
	}
	return w.judge(d, w.register(ctx, d))
}

func (w *Worker) judge(d device, err error) verdict {
	var busy busyError
	v := verdict{err: err}
	switch {
	case err == nil:
		v.disposition = complete
	case errors.Is(err, errUnknownModel):
		v.disposition, v.reason = deadLetter, "model "+d.Model
	case errors.As(err, &busy):
		v.disposition = later
	}
	return v
}

func (w *Worker) settle(ctx context.Context, msg *azservicebus.ReceivedMessage, v verdict) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	log := slog.With("message", msg.MessageID, "delivery", msg.DeliveryCount, "reason", v.reason)
	if v.err != nil {
		log.Error("device", "err", v.err)
	}
	var err error
	switch v.disposition {
	case complete:
		err = w.receiver.CompleteMessage(ctx, msg, nil)
	case deadLetter:
		err = w.receiver.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{Reason: to.Ptr(v.reason)})
	case abandon:
		err = w.receiver.AbandonMessage(ctx, msg, nil)
	case later:
		log.Info("comes again when its lock is over")
		return
	}
	if err != nil {
		log.Error("settle", "err", err)
	}
}

type device struct {
	Serial string `json:"serial"`
	Model  string `json:"model"`
}

func (w *Worker) register(ctx context.Context, d device) error {
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, w.vendor+"/devices/"+d.Serial, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK, http.StatusCreated:
	case http.StatusNotFound:
		return errUnknownModel
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return busyError{resp.Status}
	default:
		return fmt.Errorf("vendor: %s", resp.Status)
	}
	cert, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return err
	}
	_, err = w.certs.NewBlockBlobClient(d.Serial+".pem").UploadBuffer(ctx, cert, nil)
	return err
}

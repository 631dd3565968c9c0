// Package imports has catalogues imported by a service that answers when it is done, which may take a quarter of an
// hour.
//
// Right although a lock lasts some minutes at most: it is renewed at half of what is left of it.
package imports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Logger is like zap's.
type Logger interface {
	Infof(format string, args ...any)
	Warnf(format string, args ...any)
}

// Importer imports.
type Importer struct {
	receiver *azservicebus.Receiver
	service  string
	client   *http.Client
	log      Logger
}

// New returns an Importer.
func New(receiver *azservicebus.Receiver, service string, log Logger) *Importer {
	return &Importer{
		receiver: receiver,
		service:  service,
		client:   &http.Client{Timeout: 15 * time.Minute},
		log:      log,
	}
}

var errBadCatalogue = errors.New("bad catalogue")

// Run imports until the context ends.
func (i *Importer) Run(ctx context.Context) error {
	for {
		msgs, err := i.receiver.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, msg := range msgs {
			i.process(ctx, msg)
		}
	}
}

func (i *Importer) process(ctx context.Context, msg *azservicebus.ReceivedMessage) {
	work, cancel := context.WithCancel(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		i.holdLock(work, cancel, msg)
	}()

	err := i.send(work, msg)
	cancel()
	<-renewed

	var settle error
	switch {
	case err == nil:
		settle = i.receiver.CompleteMessage(ctx, msg, nil)
	case errors.Is(err, errBadCatalogue):
		settle = i.receiver.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{ErrorDescription: to.Ptr(err.Error())})
	default:
		i.log.Warnf("import of %s: %v", msg.MessageID, err)
		settle = i.receiver.AbandonMessage(ctx, msg, nil)
	}
	if settle != nil {
		i.log.Warnf("settle %s: %v", msg.MessageID, settle)
	}
}

func (i *Importer) holdLock(ctx context.Context, lost context.CancelFunc, msg *azservicebus.ReceivedMessage) {
	for {
		left := 30 * time.Second
		if msg.LockedUntil != nil {
			left = time.Until(*msg.LockedUntil)
		}
		timer := time.NewTimer(left / 2)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if err := i.receiver.RenewMessageLock(ctx, msg, nil); err != nil {
			if ctx.Err() == nil {
				i.log.Warnf("lock of %s: %v", msg.MessageID, err)
			}
			lost()
			return
		}
		i.log.Infof("lock of %s renewed until %v", msg.MessageID, msg.LockedUntil)
	}
}

func (i *Importer) send(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, i.service+"/imports/"+msg.MessageID, bytes.NewReader(msg.Body))
	if err != nil {
		return err
	}
	resp, err := i.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK, http.StatusCreated:
		return nil
	case http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: %s", errBadCatalogue, resp.Status)
	default:
		return fmt.Errorf("service: %s", resp.Status)
	}
}

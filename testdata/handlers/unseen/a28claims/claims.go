// Package claims passes the events of insurance claims to an old system, in the order of each claim.
package claims

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"golang.org/x/sync/errgroup"
)

const (
	queueName = "claims"
	batchSize = 50
)

// event is a message; the body is XML.
type event struct {
	XMLName xml.Name `xml:"event"`
	Claim   string   `xml:"claim,attr"`
	Seq     int      `xml:"seq,attr"`
	Text    string   `xml:",chardata"`
}

// Forwarder forwards.
type Forwarder struct {
	bus      *azservicebus.Client
	endpoint string
	client   *http.Client
	sessions int
}

// NewForwarder returns a Forwarder; the old system takes its time.
func NewForwarder(bus *azservicebus.Client, endpoint string) *Forwarder {
	return &Forwarder{
		bus:      bus,
		endpoint: endpoint,
		client:   &http.Client{Timeout: 30 * time.Second},
		sessions: 4,
	}
}

// Run handles several sessions at once.
func (f *Forwarder) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for range f.sessions {
		g.Go(func() error {
			for {
				if err := f.session(ctx); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}

func (f *Forwarder) session(ctx context.Context) error {
	accept, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	rcv, err := f.bus.AcceptNextSessionForQueue(accept, queueName, nil)
	if err != nil {
		var sbErr *azservicebus.Error
		if errors.As(err, &sbErr) && sbErr.Code == azservicebus.CodeTimeout {
			return nil
		}
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return nil
		}
		return err
	}
	defer rcv.Close(context.WithoutCancel(ctx))

	msgs, err := rcv.ReceiveMessages(ctx, batchSize, nil)
	if err != nil {
		return err
	}
	for _, msg := range msgs {
		var ev event
		if err := xml.Unmarshal(msg.Body, &ev); err != nil {
			if err := rcv.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{Reason: to.Ptr("not XML")}); err != nil {
				log.Printf("claims: dead-letter %s: %v", msg.MessageID, err)
			}
			continue
		}
		if err := f.forward(ctx, ev); err != nil {
			log.Printf("claims: session %s: event %d: %v", rcv.SessionID(), ev.Seq, err)
			// Those behind it have to wait.
			return rcv.AbandonMessage(ctx, msg, nil)
		}
		if err := rcv.CompleteMessage(ctx, msg, nil); err != nil {
			return fmt.Errorf("claims: complete %s: %w", msg.MessageID, err)
		}
	}
	return nil
}

func (f *Forwarder) forward(ctx context.Context, ev event) error {
	raw, err := xml.Marshal(ev)
	if err != nil {
		return err
	}
	url := fmt.Sprintf("%s/claims/%s/events/%d", f.endpoint, ev.Claim, ev.Seq)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	resp, err := f.client.Do(req) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("old system: %s", resp.Status)
	}
	return nil
}

// Package reports stores reports and tells a channel of them if asked to.
//
// Wrong: where nobody wants to be told the message is not completed.
package reports

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Config configures a Processor.
type Config struct {
	Container string
	Notify    bool
}

// Report is the message's body.
type Report struct {
	ID    string   `json:"id"`
	Owner string   `json:"owner"`
	Lines []string `json:"lines"`
}

// Processor is constructed by New.
type Processor struct {
	cfg      Config
	receiver *azservicebus.Receiver
	sender   *azservicebus.Sender
	blobs    *azblob.Client
}

// New returns a Processor.
func New(cfg Config, receiver *azservicebus.Receiver, sender *azservicebus.Sender, blobs *azblob.Client) *Processor {
	return &Processor{cfg: cfg, receiver: receiver, sender: sender, blobs: blobs}
}

// Run processes until the receiver fails.
func (p *Processor) Run(ctx context.Context) error {
	for {
		messages, err := p.receiver.ReceiveMessages(ctx, 5, nil)
		if err != nil {
			return err
		}
		for _, message := range messages {
			if err := p.process(ctx, message); err != nil {
				slog.ErrorContext(ctx, "report", "id", message.MessageID, "delivery", message.DeliveryCount, "error", err)
			}
		}
	}
}

func (p *Processor) process(ctx context.Context, message *azservicebus.ReceivedMessage) error {
	var r Report
	if err := json.Unmarshal(message.Body, &r); err != nil {
		return p.receiver.DeadLetterMessage(ctx, message, &azservicebus.DeadLetterOptions{Reason: to.Ptr("malformed")})
	}
	if err := p.store(ctx, r); err != nil {
		return err
	}
	if !p.cfg.Notify || r.Owner == "" {
		return nil // want `work succeeded.*unsettled.*\(missingdelete\)`
	}
	if err := p.notify(ctx, r); err != nil {
		return err
	}
	return p.receiver.CompleteMessage(ctx, message, nil)
}

func (p *Processor) store(ctx context.Context, r Report) error {
	raw, err := json.Marshal(r.Lines)
	if err != nil {
		return err
	}
	if _, err := p.blobs.UploadBuffer(ctx, p.cfg.Container, r.ID+".json", raw, nil); err != nil {
		return fmt.Errorf("store %s: %w", r.ID, err)
	}
	return nil
}

func (p *Processor) notify(ctx context.Context, r Report) error {
	return p.sender.SendMessage(ctx, &azservicebus.Message{
		MessageID: to.Ptr("report-ready-" + r.ID),
		Subject:   to.Ptr(r.Owner),
		Body:      []byte(r.ID),
	}, nil)
}

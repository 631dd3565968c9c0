// Package badge writes the files from which badges are printed.
//
// Right although they expire and two kinds of message go through one function: the expiry is reckoned from the time
// the message was sent, and each kind has files of its own.
package badge

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// ErrMalformed is permanent.
var ErrMalformed = errors.New("malformed")

type order struct {
	Name    string `xml:"name"`
	Company string `xml:"company"`
}

type badge struct {
	XMLName xml.Name  `xml:"badge"`
	Kind    string    `xml:"kind,attr"`
	Name    string    `xml:"name"`
	Company string    `xml:"company,omitempty"`
	Expires time.Time `xml:"expires"`
}

type route struct {
	folder string
	term   time.Duration
}

var routes = map[string]route{
	"employee":   {folder: "employees", term: 365 * 24 * time.Hour},
	"contractor": {folder: "contractors", term: 30 * 24 * time.Hour},
}

// Printer feeds the printer.
type Printer struct {
	Orders    *azservicebus.Receiver
	Files     *azblob.Client
	Container string
}

// Run ends when receiving fails.
func (p *Printer) Run(ctx context.Context) error {
	for {
		msgs, err := p.Orders.ReceiveMessages(ctx, 5, nil)
		if err != nil {
			return err
		}
		for _, msg := range msgs {
			if err := p.settle(ctx, msg, p.write(ctx, msg)); err != nil {
				slog.WarnContext(ctx, "badge: settle", "message", msg.MessageID, "err", err)
			}
		}
	}
}

func (p *Printer) settle(ctx context.Context, msg *azservicebus.ReceivedMessage, err error) error {
	switch {
	case err == nil:
		return p.Orders.CompleteMessage(ctx, msg, nil)
	case errors.Is(err, ErrMalformed):
		return p.Orders.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{ErrorDescription: to.Ptr(err.Error())})
	default:
		slog.ErrorContext(ctx, "badge", "message", msg.MessageID, "err", err)
		return p.Orders.AbandonMessage(ctx, msg, nil)
	}
}

func (p *Printer) write(ctx context.Context, msg *azservicebus.ReceivedMessage) error {
	kind, _ := msg.ApplicationProperties["kind"].(string)
	r, ok := routes[kind]
	if !ok || msg.EnqueuedTime == nil {
		return fmt.Errorf("%w: kind %q", ErrMalformed, kind)
	}
	var o order
	if err := xml.NewDecoder(bytes.NewReader(msg.Body)).Decode(&o); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	var buf bytes.Buffer
	buf.WriteString(xml.Header)
	if err := xml.NewEncoder(&buf).Encode(badge{
		Kind:    kind,
		Name:    o.Name,
		Company: o.Company,
		Expires: msg.EnqueuedTime.Add(r.term),
	}); err != nil {
		return err
	}
	_, err := p.Files.UploadBuffer(ctx, p.Container, path.Join(r.folder, msg.MessageID+".xml"), buf.Bytes(), nil)
	return err
}

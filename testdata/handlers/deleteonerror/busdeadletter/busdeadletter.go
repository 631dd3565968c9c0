// Package busdeadletter files customs declarations that arrive over Service Bus.
//
// Right: a declaration that is no declaration is dead-lettered with the reason, one that cannot be filed now is given
// back, and only what is filed is completed; all three are chosen in one place from the error.
//
// Message: {"declaration":"de-5","goods":"tea","kilos":12}
package busdeadletter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

type invalidError struct{ reason string }

func (e *invalidError) Error() string { return "invalid declaration: " + e.reason }

// Customs files declarations.
type Customs struct {
	In    *azservicebus.Receiver
	Blobs *azblob.Client
}

// Work files one round of declarations.
func (c *Customs) Work(ctx context.Context) error {
	msgs, err := c.In.ReceiveMessages(ctx, 4, nil)
	if err != nil {
		return fmt.Errorf("customs: %w", err)
	}
	var errs []error
	for _, m := range msgs {
		errs = append(errs, c.settle(ctx, m, c.file(ctx, m.Body)))
	}
	return errors.Join(errs...)
}

func (c *Customs) settle(ctx context.Context, m *azservicebus.ReceivedMessage, outcome error) error {
	var invalid *invalidError
	switch {
	case outcome == nil:
		return c.In.CompleteMessage(ctx, m, nil)
	case errors.As(outcome, &invalid):
		log.Printf("declaration %s: %v", m.MessageID, outcome)
		return c.In.DeadLetterMessage(ctx, m, &azservicebus.DeadLetterOptions{
			Reason:           to.Ptr("Invalid"),
			ErrorDescription: to.Ptr(invalid.reason),
		})
	default:
		log.Printf("declaration %s, delivery %d: %v", m.MessageID, m.DeliveryCount, outcome)
		return c.In.AbandonMessage(ctx, m, nil)
	}
}

func (c *Customs) file(ctx context.Context, body []byte) error {
	var d struct {
		Declaration string `json:"declaration"`
		Goods       string `json:"goods"`
		Kilos       int    `json:"kilos"`
	}
	if err := json.Unmarshal(body, &d); err != nil {
		return &invalidError{reason: err.Error()}
	}
	if d.Declaration == "" || d.Kilos <= 0 {
		return &invalidError{reason: "incomplete"}
	}
	_, err := c.Blobs.UploadBuffer(ctx, "declarations", d.Declaration+".json", body, nil)
	return err
}

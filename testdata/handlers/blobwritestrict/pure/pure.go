// Package pure stores orders.
//
// Right even in strict mode: key and content are functions of the message, by way
// of a struct, a template and a helper; the container is a constant.
package pure

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var slip = template.Must(template.New("slip").Parse("Order {{.Number}} for {{.Customer}}\n{{range .Lines}}- {{.}}\n{{end}}"))

type order struct {
	Number   string   `json:"number"`
	Customer string   `json:"customer"`
	Lines    []string `json:"lines"`
}

func (o order) name() string { return fmt.Sprintf("%s/%s.txt", strings.ToLower(o.Customer), o.Number) }

// Store stores at most one order.
func Store(ctx context.Context, orders *azqueue.QueueClient, slips *azblob.Client) error {
	resp, err := orders.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, m := range resp.Messages {
		var o order
		if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
			return fmt.Errorf("order %s: %w", *m.MessageID, err)
		}
		var text strings.Builder
		if err := slip.Execute(&text, o); err != nil {
			return fmt.Errorf("order %s: %w", *m.MessageID, err)
		}
		if _, err := slips.UploadBuffer(ctx, "slips", o.name(), []byte(text.String()), nil); err != nil {
			return fmt.Errorf("order %s: %w", *m.MessageID, err)
		}
		if _, err := orders.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return fmt.Errorf("order %s: %w", *m.MessageID, err)
		}
	}
	return nil
}

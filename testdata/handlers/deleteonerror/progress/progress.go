// Package progress packs orders and shows on a screen how far it has got.
//
// Right: the screen's errors are logged and forgotten, and the message deleted all the same; the packing list, which
// the customer gets, is written under an error that keeps the message. Nobody reads the screen afterwards.
//
// Message: {"order":"o-77","items":["cup","plate"]}
package progress

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Packer packs.
type Packer struct {
	Orders *azqueue.QueueClient
	Lists  *azblob.Client
	HTTP   *http.Client
	Screen string
}

// Pack packs the next order.
func (p *Packer) Pack(ctx context.Context) error {
	r, err := p.Orders.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var o struct {
		Order string   `json:"order"`
		Items []string `json:"items"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
		return fmt.Errorf("order %s: %w", *m.MessageID, err)
	}
	p.show(ctx, o.Order, "packing")
	list := strings.Join(o.Items, "\n") + "\n"
	if _, err := p.Lists.UploadBuffer(ctx, "packing-lists", o.Order+".txt", []byte(list), nil); err != nil {
		return fmt.Errorf("packing list of %s: %w", o.Order, err)
	}
	p.show(ctx, o.Order, "packed")
	_, err = p.Orders.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

// show tells the screen, if there is one that listens.
func (p *Packer) show(ctx context.Context, order, state string) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Screen+"/show/"+order+"/"+state, nil)
	if err != nil {
		slog.Debug("screen", "err", err)
		return
	}
	resp, err := p.HTTP.Do(req)
	if err != nil {
		slog.Debug("screen", "order", order, "state", state, "err", err)
		return
	}
	resp.Body.Close()
}

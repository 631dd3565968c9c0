// Package stockroom keeps what lies on the shelves of a warehouse.
package stockroom

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Item lies on a shelf.
type Item struct {
	SKU   string
	Count int
}

// Shelf is kept as gob.
type Shelf struct {
	Items []Item
	Moves []string // applied
}

// Move puts something on a shelf, or takes it away.
type Move struct {
	ID    string `json:"id"`
	Shelf string `json:"shelf"`
	SKU   string `json:"sku"`
	Count int    `json:"count"`
}

// RejectedError is permanent.
type RejectedError struct{ Reason string }

func (e *RejectedError) Error() string { return "rejected: " + e.Reason }

var errUnchanged = errors.New("unchanged")

type shelves struct {
	api       *azblob.Client
	container string
}

// update lets fn change a shelf.
func (s *shelves) update(ctx context.Context, name string, fn func(*Shelf) error) error {
	blobName := strings.ToLower(name) + ".gob"
	resp, err := s.api.DownloadStream(ctx, s.container, blobName, nil)
	if err != nil {
		return fmt.Errorf("shelf %s: %w", name, err)
	}
	defer func() {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}()

	var shelf Shelf
	if err := gob.NewDecoder(resp.Body).Decode(&shelf); err != nil {
		return fmt.Errorf("shelf %s: %w", name, err)
	}
	if err := fn(&shelf); err != nil {
		if errors.Is(err, errUnchanged) {
			return nil
		}
		return err
	}

	buf := new(bytes.Buffer)
	if err := gob.NewEncoder(buf).Encode(&shelf); err != nil {
		return fmt.Errorf("shelf %s: %w", name, err)
	}
	if _, err := s.api.UploadStream(ctx, s.container, blobName, buf, nil); err != nil { // want `read-modify-write without a precondition.*\(etag\)`
		return fmt.Errorf("shelf %s: %w", name, err)
	}
	return nil
}

// Keeper applies moves.
type Keeper struct {
	moves   *azservicebus.Receiver
	shelves *shelves
}

// NewKeeper subscribes.
func NewKeeper(bus *azservicebus.Client, blobs *azblob.Client) (*Keeper, error) {
	rcv, err := bus.NewReceiverForSubscription("warehouse", "stockroom", &azservicebus.ReceiverOptions{
		ReceiveMode: azservicebus.ReceiveModePeekLock,
	})
	if err != nil {
		return nil, err
	}
	return &Keeper{moves: rcv, shelves: &shelves{api: blobs, container: "shelves"}}, nil
}

// Run applies moves until the context ends.
func (k *Keeper) Run(ctx context.Context) error {
	defer func() { _ = k.moves.Close(context.WithoutCancel(ctx)) }()
	for {
		batch, err := k.moves.ReceiveMessages(ctx, 20, nil)
		if err != nil {
			return err
		}
		for _, msg := range batch {
			err := k.apply(ctx, msg.Body)
			var rejected *RejectedError
			switch {
			case err == nil:
				err = k.moves.CompleteMessage(ctx, msg, nil)
			case errors.As(err, &rejected):
				err = k.moves.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{Reason: to.Ptr(rejected.Reason)})
			default:
				log.Printf("stockroom: %s: %v", msg.MessageID, err)
				err = k.moves.AbandonMessage(ctx, msg, nil)
			}
			if err != nil {
				log.Printf("stockroom: settle %s: %v", msg.MessageID, err)
			}
		}
	}
}

func (k *Keeper) apply(ctx context.Context, body []byte) error {
	var mv Move
	if err := json.Unmarshal(body, &mv); err != nil {
		return &RejectedError{Reason: err.Error()}
	}
	return k.shelves.update(ctx, mv.Shelf, func(s *Shelf) error {
		if slices.Contains(s.Moves, mv.ID) {
			return errUnchanged
		}
		i := slices.IndexFunc(s.Items, func(it Item) bool { return it.SKU == mv.SKU })
		if i < 0 {
			s.Items = append(s.Items, Item{SKU: mv.SKU})
			i = len(s.Items) - 1
		}
		if s.Items[i].Count+mv.Count < 0 {
			return &RejectedError{Reason: "not that many of " + mv.SKU}
		}
		s.Items[i].Count += mv.Count
		s.Moves = append(s.Moves, mv.ID)
		return nil
	})
}

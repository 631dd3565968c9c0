// Package docs has the members of teams. All changes go through one generic function that reads, changes, and
// replaces what it read, and starts again when someone else was faster.
package docs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type versioned[T any] struct {
	doc  T
	etag azcore.ETag
}

// Collection is a container of documents of one type, each its own partition.
type Collection[T any] struct{ c *azcosmos.ContainerClient }

func (c Collection[T]) get(ctx context.Context, id string) (v versioned[T], err error) {
	item, err := c.c.ReadItem(ctx, azcosmos.NewPartitionKeyString(id), id, nil)
	if err != nil {
		return v, err
	}
	v.etag = item.ETag
	err = json.Unmarshal(item.Value, &v.doc)
	return v, err
}

func (c Collection[T]) put(ctx context.Context, id string, v versioned[T]) error {
	raw, err := json.Marshal(v.doc)
	if err != nil {
		return err
	}
	_, err = c.c.ReplaceItem(ctx, azcosmos.NewPartitionKeyString(id), id, raw, conditional(v.etag))
	return err
}

func conditional(etag azcore.ETag) *azcosmos.ItemOptions {
	return &azcosmos.ItemOptions{IfMatchEtag: &etag}
}

func lost(err error) bool {
	var r *azcore.ResponseError
	return errors.As(err, &r) && r.StatusCode == http.StatusPreconditionFailed
}

// Change applies f to a document. f says whether there is anything to write.
func (c Collection[T]) Change(ctx context.Context, id string, f func(*T) bool) error {
	for range 5 {
		v, err := c.get(ctx, id)
		if err != nil {
			return err
		}
		if !f(&v.doc) {
			return nil
		}
		if err := c.put(ctx, id, v); !lost(err) {
			return err
		}
	}
	return fmt.Errorf("document %s: too much going on", id)
}

// Team is a document.
type Team struct {
	ID      string   `json:"id"`
	Members []string `json:"members"`
}

// Hire adds the people that messages name to their teams.
func Hire(ctx context.Context, rcv *azservicebus.Receiver, c *azcosmos.ContainerClient) error {
	teams := Collection[Team]{c}
	for {
		msgs, err := rcv.ReceiveMessages(ctx, 4, nil)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			var hire struct{ Team, Person string }
			err := json.Unmarshal(m.Body, &hire)
			if err == nil {
				err = teams.Change(ctx, hire.Team, func(t *Team) bool {
					if slices.Contains(t.Members, hire.Person) {
						return false
					}
					t.Members = append(t.Members, hire.Person)
					return true
				})
			}
			if err != nil {
				log.Printf("hire: %v", err)
				err = rcv.AbandonMessage(ctx, m, nil)
			} else {
				err = rcv.CompleteMessage(ctx, m, nil)
			}
			if err != nil {
				return fmt.Errorf("hire: settle: %w", err)
			}
		}
	}
}

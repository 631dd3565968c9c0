// Package groupdropped spreads a holiday over the calendars of a team.
//
// Wrong: the group is waited for, but its error is dropped: a calendar that was not written never will be.
//
// Message: {"holiday":"ho-3","day":"2024-08-01","people":["ada","bob"]}
package groupdropped

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"golang.org/x/sync/errgroup"
)

type holiday struct {
	Holiday string   `json:"holiday"`
	Day     string   `json:"day"`
	People  []string `json:"people"`
}

// Spreader spreads.
type Spreader struct {
	Queue     *azqueue.QueueClient
	Calendars *aztables.Client
}

// Spread spreads the next holiday.
func (s *Spreader) Spread(ctx context.Context) error {
	r, err := s.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var h holiday
	if err := json.Unmarshal([]byte(*m.MessageText), &h); err != nil {
		return fmt.Errorf("holiday %s: %w", *m.MessageID, err)
	}
	var g errgroup.Group
	for _, person := range h.People {
		g.Go(func() error {
			row, err := json.Marshal(map[string]string{"PartitionKey": person, "RowKey": h.Day, "Holiday": h.Holiday})
			if err != nil {
				return err
			}
			_, err = s.Calendars.UpsertEntity(ctx, row, nil)
			return err
		})
	}
	_ = g.Wait()
	if _, err := s.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(deleteonerror\)`
		return fmt.Errorf("delete %s: %w", *m.MessageID, err)
	}
	return nil
}

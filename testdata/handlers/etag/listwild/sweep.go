// Package sweep closes the tasks of a project that was archived.
package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type archived struct {
	Project string `json:"project"`
}

type task struct {
	aztables.Entity
	Title    string
	Assignee string
	State    string
}

// Sweeper closes tasks.
type Sweeper struct {
	queue *azqueue.QueueClient
	tasks *aztables.Client
}

// Sweep handles at most one archived project.
func (s *Sweeper) Sweep(ctx context.Context) error {
	resp, err := s.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(600))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	m := resp.Messages[0]
	var a archived
	if err := json.Unmarshal([]byte(*m.MessageText), &a); err != nil {
		return fmt.Errorf("sweep: %s: %w", *m.MessageID, err)
	}
	n, err := s.closeAll(ctx, a.Project)
	if err != nil {
		return fmt.Errorf("sweep: %s: after %d tasks: %w", a.Project, n, err)
	}
	log.Printf("sweep: %s: %d tasks closed", a.Project, n)
	_, err = s.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (s *Sweeper) closeAll(ctx context.Context, project string) (n int, err error) {
	pager := s.tasks.NewListEntitiesPager(&aztables.ListEntitiesOptions{
		Filter: to.Ptr(fmt.Sprintf("PartitionKey eq '%s' and State ne 'closed'", project)),
	})
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return n, err
		}
		for _, raw := range page.Entities {
			var t task
			if err := json.Unmarshal(raw, &t); err != nil {
				return n, err
			}
			t.State = "closed"
			row, err := json.Marshal(t)
			if err != nil {
				return n, err
			}
			_, err = s.tasks.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{ // want `wildcard.*\(etag\)`
				IfMatch:    to.Ptr(azcore.ETagAny),
				UpdateMode: aztables.UpdateModeReplace,
			})
			if err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

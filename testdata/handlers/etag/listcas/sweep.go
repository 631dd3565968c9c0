// Package sweep closes the tasks of a project that was archived.
//
// Right: each row is replaced under the version that the list returned with it,
// in the row's own "odata.etag". A row that changed since is left to the next
// delivery: the message stays in the queue until all are closed.
package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

var errChanged = errors.New("some tasks changed meanwhile")

// Run handles at most one archived project.
func Run(ctx context.Context, queue *azqueue.QueueClient, tasks *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(600))})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var a struct {
		Project string `json:"project"`
	}
	if err := json.Unmarshal([]byte(*m.MessageText), &a); err != nil {
		return fmt.Errorf("message %s: %w", *m.MessageID, err)
	}
	if err := sweep(ctx, tasks, a.Project); err != nil {
		return fmt.Errorf("project %s: %w", a.Project, err)
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func sweep(ctx context.Context, tasks *aztables.Client, project string) error {
	filter := "PartitionKey eq '" + project + "' and State ne 'closed'"
	pager := tasks.NewListEntitiesPager(&aztables.ListEntitiesOptions{Filter: &filter})
	changed := 0
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, raw := range page.Entities {
			switch err := closeTask(ctx, tasks, raw); {
			case isChanged(err):
				changed++
			case err != nil:
				return err
			}
		}
	}
	if changed > 0 {
		slog.Info("sweep incomplete", "project", project, "changed", changed)
		return errChanged
	}
	return nil
}

func closeTask(ctx context.Context, tasks *aztables.Client, raw []byte) error {
	var t aztables.EDMEntity
	if err := json.Unmarshal(raw, &t); err != nil {
		return err
	}
	etag := azcore.ETag(t.ETag)
	t.Properties["State"] = "closed"
	row, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = tasks.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: &etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func isChanged(err error) bool {
	var re *azcore.ResponseError
	return errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed
}

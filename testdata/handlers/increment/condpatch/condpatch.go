// Package condpatch adds the minutes of a workout to its member's document.
//
// Right although the patch increments: the same patch puts the message's id into a
// list, and its condition is that the list does not contain the id. The second
// time the service refuses (412), which means that it is done.
//
// Message: {"member":"m-1","minutes":40}
// Before: item members/m-1 contains {"id":"m-1","minutes":0,"applied":[]}
package condpatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Gym adds workouts.
type Gym struct {
	Workouts *azqueue.QueueClient
	Members  *azcosmos.ContainerClient
}

// Run adds workouts until the queue fails.
func (g *Gym) Run(ctx context.Context) error {
	for {
		resp, err := g.Workouts.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var w struct {
			Member  string `json:"member"`
			Minutes int64  `json:"minutes"`
		}
		if err := json.Unmarshal([]byte(*m.MessageText), &w); err != nil {
			return err
		}
		if err := g.add(ctx, w.Member, *m.MessageID, w.Minutes); err != nil {
			return fmt.Errorf("workout %s: %w", *m.MessageID, err)
		}
		if _, err := g.Workouts.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func (g *Gym) add(ctx context.Context, member, id string, minutes int64) error {
	patch := azcosmos.PatchOperations{}
	patch.SetCondition(fmt.Sprintf("FROM c WHERE NOT ARRAY_CONTAINS(c.applied, %q)", id))
	patch.AppendAdd("/applied/-", id)
	patch.AppendIncrement("/minutes", minutes)
	_, err := g.Members.PatchItem(ctx, azcosmos.NewPartitionKeyString(member), member, patch, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusPreconditionFailed {
		return nil
	}
	return err
}

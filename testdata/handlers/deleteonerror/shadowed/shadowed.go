// Package shadowed moves users between plans.
//
// Wrong: in the arm of the upgrades, err is a new variable (:=); the err that is looked at afterwards is the
// dequeue's, which is nil. A failed upsert is logged, and the message deleted. (The arm of the cancellations is right.)
//
// Message: {"user":"us-3","move":"upgrade","plan":"gold"}
package shadowed

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Plans moves users.
type Plans struct {
	Moves *azqueue.QueueClient
	Users *aztables.Client
}

type move struct {
	User string `json:"user"`
	Move string `json:"move"`
	Plan string `json:"plan"`
}

// Move moves one user.
func (p *Plans) Move(ctx context.Context) error {
	r, err := p.Moves.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var mv move
	if err := json.Unmarshal([]byte(*m.MessageText), &mv); err != nil {
		return fmt.Errorf("move %s: %w", *m.MessageID, err)
	}
	switch mv.Move {
	case "upgrade":
		err := p.write(ctx, *m.MessageID, mv.User, mv.Plan)
		log.Printf("upgrade of %s to %s: %v", mv.User, mv.Plan, err)
	case "cancel":
		err = p.write(ctx, *m.MessageID, mv.User, "none")
	default:
		err = fmt.Errorf("unknown move %q", mv.Move)
	}
	if err != nil {
		return fmt.Errorf("move %s: %w", *m.MessageID, err)
	}
	_, err = p.Moves.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `\(deleteonerror\)`
	return err
}

// write adds the move to the user's history, from which the plan is computed.
func (p *Plans) write(ctx context.Context, id, user, plan string) error {
	row, err := json.Marshal(map[string]string{"PartitionKey": user, "RowKey": id, "Plan": plan})
	if err != nil {
		return err
	}
	_, err = p.Users.UpsertEntity(ctx, row, nil)
	return err
}

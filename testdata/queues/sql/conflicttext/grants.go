// Package conflicttext lets members into rooms.
//
// Right: the row has nothing but the two ids, which are its key; the second insert is
// refused, and that is told apart.
package conflicttext

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type grant struct{ Member, Room int64 }

// Apply handles one message.
func Apply(ctx context.Context, queue *azqueue.QueueClient, db *sql.DB) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var g grant
	if err := json.Unmarshal([]byte(*m.MessageText), &g); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "INSERT INTO room_members (room_id, member_id, granted_at) VALUES ($1, $2, CURRENT_TIMESTAMP)", g.Room, g.Member)
	if err != nil && !strings.Contains(err.Error(), "UNIQUE constraint") {
		return err
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

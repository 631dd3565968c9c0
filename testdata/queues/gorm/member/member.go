// Package member keeps members.
//
// Right: the insert has a conflict clause on the member's mail address.
package member

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Member is a row.
type Member struct {
	ID   uint
	Mail string `gorm:"uniqueIndex"`
	Name string
}

type joined struct{ Mail, Name string }

// Keep handles one batch.
func Keep(ctx context.Context, rcv *azservicebus.Receiver, db *gorm.DB) error {
	batch, err := rcv.ReceiveMessages(ctx, 10, nil)
	if err != nil {
		return err
	}
	for _, m := range batch {
		var j joined
		if err := json.Unmarshal(m.Body, &j); err != nil {
			return err
		}
		row := Member{Mail: j.Mail, Name: j.Name}
		err := db.WithContext(ctx).Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "mail"}},
			DoUpdates: clause.AssignmentColumns([]string{"name"}),
		}).Create(&row).Error
		if err != nil {
			return err
		}
		if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}

// Package helperexec files complaints.
//
// Wrong: the row's key is the database's. The text of the statement is given to a helper.
package helperexec

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type complaint struct{ Customer, Text string }

type store struct {
	db     *sql.DB
	schema string
}

// File handles what comes until the context ends.
func File(ctx context.Context, rcv *azservicebus.Receiver, db *sql.DB, schema string) error {
	s := store{db, schema}
	for {
		batch, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		for _, m := range batch {
			var c complaint
			if err := json.Unmarshal(m.Body, &c); err != nil {
				return err
			}
			q := fmt.Sprintf("INSERT INTO %s.complaints (customer, body, open) VALUES (?, ?, 1)", s.schema)
			if err := s.exec(ctx, q, c.Customer, c.Text); err != nil {
				return err
			}
			if err := rcv.CompleteMessage(ctx, m, nil); err != nil {
				return err
			}
		}
	}
}

func (s store) exec(ctx context.Context, query string, args ...any) error {
	if _, err := s.db.ExecContext(ctx, query, args...); err != nil { // want `SQL ExecContext inserts into .* without a conflict clause.*\(sideeffect\)`
		return fmt.Errorf("%s: %w", strings.Fields(query)[0], err)
	}
	return nil
}

// Package tokens keeps session tokens in a table.
package tokens

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// Table keeps tokens.
type Table struct {
	client *aztables.Client
}

// Open returns the tokens of a table.
func Open(client *aztables.Client) *Table { return &Table{client: client} }

// Issue gives a user's session a token.
func (t *Table) Issue(ctx context.Context, user, session string) error {
	secret := make([]byte, 24)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	row := map[string]any{
		"PartitionKey": user,
		"RowKey":       session,
		"Token":        hex.EncodeToString(secret),
	}
	data, err := json.Marshal(row)
	if err != nil {
		return err
	}
	if _, err := t.client.UpsertEntity(ctx, data, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeMerge}); err != nil {
		return fmt.Errorf("token of %s/%s: %w", user, session, err)
	}
	return nil
}

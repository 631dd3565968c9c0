// Package tokens keeps session tokens in a table.
//
// Right: a token is the MAC of its session under the service's key, the same at
// each attempt.
package tokens

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// Table keeps tokens.
type Table struct {
	Client *aztables.Client
	Key    []byte
}

type row struct {
	PartitionKey, RowKey, Token string
}

// Issue gives a user's session its token.
func (t *Table) Issue(ctx context.Context, user, session string) error {
	mac := hmac.New(sha256.New, t.Key)
	mac.Write([]byte(user + "\x00" + session))
	data, err := json.Marshal(row{user, session, hex.EncodeToString(mac.Sum(nil))})
	if err != nil {
		return err
	}
	_, err = t.Client.UpsertEntity(ctx, data, nil)
	return err
}

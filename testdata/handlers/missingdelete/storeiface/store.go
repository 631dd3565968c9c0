package complaints

import (
	"context"
	"encoding/json"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// Store keeps complaints.
type Store interface {
	Save(ctx context.Context, id string, c Complaint) error
}

// Complaint is what customers write.
type Complaint struct {
	Order string `json:"order"`
	Text  string `json:"text"`
	Spam  bool   `json:"spam"`
}

type tableStore struct{ t *aztables.Client }

// NewStore keeps complaints in a table.
func NewStore(t *aztables.Client) Store { return tableStore{t} }

func (s tableStore) Save(ctx context.Context, id string, c Complaint) error {
	row := struct {
		PartitionKey, RowKey, Text string
	}{c.Order, id, c.Text}
	raw, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = s.t.UpsertEntity(ctx, raw, nil)
	return err
}

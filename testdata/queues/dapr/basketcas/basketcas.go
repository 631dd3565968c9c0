// Package basketcas saves the basket only where it is as it was read: right.
package basketcas

import (
	"context"
	"encoding/json"

	"github.com/dapr/go-sdk/client"
	"github.com/dapr/go-sdk/service/common"
)

type basket struct{ Items map[string]int }

type added struct {
	Customer, Item string
	Count          int
}

type Baskets struct{ state client.Client }

func (b *Baskets) Handle(ctx context.Context, e *common.TopicEvent) (bool, error) {
	var a added
	if err := json.Unmarshal(e.RawData, &a); err != nil {
		return false, err
	}
	item, err := b.state.GetState(ctx, "baskets", a.Customer, nil)
	if err != nil {
		return true, err
	}
	var have basket
	if err := json.Unmarshal(item.Value, &have); err != nil {
		return false, err
	}
	have.Items[a.Item] = a.Count
	raw, err := json.Marshal(have)
	if err != nil {
		return false, err
	}
	first := client.WithConcurrency(client.StateConcurrencyFirstWrite)
	if err := b.state.SaveStateWithETag(ctx, "baskets", a.Customer, raw, item.Etag, nil, first); err != nil {
		return true, err
	}
	return false, nil
}

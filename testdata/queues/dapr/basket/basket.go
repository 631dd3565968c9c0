// Package basket reads a basket, puts an item into it and saves it, the last write winning.
package basket

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
	if err := b.state.SaveState(ctx, "baskets", a.Customer, raw, nil); err != nil { // want `read-modify-write without a precondition.*\(etag\)`
		return true, err
	}
	return false, nil
}

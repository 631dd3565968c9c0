package catalog

import (
	"encoding/json"
	"fmt"
)

// Event is one of Added, Renamed, PriceChanged.
type Event interface{ sku() string }

// Added introduces an article.
type Added struct{ SKU, Title string }

// Renamed changes an article's title.
type Renamed struct{ SKU, Title string }

// PriceChanged announces a price list.
type PriceChanged struct {
	SKU   string
	Cents int64
}

func (e Added) sku() string        { return e.SKU }
func (e Renamed) sku() string      { return e.SKU }
func (e PriceChanged) sku() string { return e.SKU }

func parse(body string) (Event, error) {
	var head struct {
		Kind string
		Data json.RawMessage
	}
	if err := json.Unmarshal([]byte(body), &head); err != nil {
		return nil, err
	}
	switch head.Kind {
	case "added":
		var e Added
		err := json.Unmarshal(head.Data, &e)
		return e, err
	case "renamed":
		var e Renamed
		err := json.Unmarshal(head.Data, &e)
		return e, err
	case "price":
		var e PriceChanged
		err := json.Unmarshal(head.Data, &e)
		return e, err
	}
	return nil, fmt.Errorf("unknown kind %q", head.Kind)
}

// Package rows streams each event into BigQuery; a delivery that comes again makes another
// row.
package rows

import (
	"context"
	"encoding/json"
	"log"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub"
)

type click struct {
	Page string
	User string
}

type Stream struct{ clicks *bigquery.Inserter }

func New(c *bigquery.Client) *Stream {
	return &Stream{clicks: c.Dataset("web").Table("clicks").Inserter()}
}

func (s *Stream) Receive(ctx context.Context, m *pubsub.Message) {
	var c click
	if err := json.Unmarshal(m.Data, &c); err != nil {
		log.Print(err)
		m.Ack()
		return
	}
	if err := s.clicks.Put(ctx, c); err != nil { // want `applies a change to what is there.*\(increment\)`
		log.Print(err)
		m.Nack()
		return
	}
	m.Ack()
}

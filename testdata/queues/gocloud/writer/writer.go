// Package writer writes a day's page through a blob's writer and drops the error of its
// Close, where every error appears.
package writer

import (
	"context"
	"fmt"
	"log"

	"gocloud.dev/blob"
	"gocloud.dev/pubsub"
)

type Pages struct {
	sub    *pubsub.Subscription
	bucket *blob.Bucket
}

func (p *Pages) Run(ctx context.Context) error {
	for {
		m, err := p.sub.Receive(ctx)
		if err != nil {
			return err
		}
		if err := p.page(ctx, m.Metadata["day"], m.Body); err != nil {
			log.Print(err)
			m.Nack()
			continue
		}
		m.Ack() // want `settled although the work failed.*\(deleteonerror\)`
	}
}

func (p *Pages) page(ctx context.Context, day string, body []byte) error {
	w, err := p.bucket.NewWriter(ctx, "pages/"+day+".html", nil)
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := fmt.Fprintf(w, "<article>%s</article>\n", body); err != nil {
		return err
	}
	return nil
}

// Package spawned renders reports in goroutines of its own and acknowledges at once.
package spawned

import (
	"context"
	"log"

	"cloud.google.com/go/pubsub/v2"
	"gocloud.dev/blob"
)

type Reports struct {
	bucket *blob.Bucket
	render func(params []byte) ([]byte, error)
}

func (r *Reports) Handle(ctx context.Context, msg *pubsub.Message) {
	go func() {
		if err := r.make(context.WithoutCancel(ctx), msg); err != nil {
			log.Printf("report %s: %v", msg.ID, err)
		}
	}()
	msg.Ack() // want `settled while the work is under way elsewhere.*\(earlydelete\)`
}

func (r *Reports) make(ctx context.Context, msg *pubsub.Message) error {
	pdf, err := r.render(msg.Data)
	if err != nil {
		return err
	}
	return r.bucket.WriteAll(ctx, "reports/"+msg.ID+".pdf", pdf, &blob.WriterOptions{ContentType: "application/pdf"})
}

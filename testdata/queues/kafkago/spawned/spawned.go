// Package spawned sends each alert from a goroutine of its own and commits at once.
package spawned

import (
	"bytes"
	"context"
	"log"
	"net/http"
	"time"

	"github.com/segmentio/kafka-go"
)

var client = &http.Client{Timeout: 5 * time.Second}

func Alerts(ctx context.Context, r *kafka.Reader, hook string) error {
	for {
		m, err := r.FetchMessage(ctx)
		if err != nil {
			return err
		}
		go func() {
			resp, err := client.Post(hook, "application/json", bytes.NewReader(m.Value)) // want `POST without an idempotency key.*\(sideeffect\)`
			if err != nil {
				log.Printf("alert: %v", err)
				return
			}
			resp.Body.Close()
		}()
		if err := r.CommitMessages(ctx, m); err != nil { // want `settled while the work is under way elsewhere.*\(earlydelete\)`
			return err
		}
	}
}

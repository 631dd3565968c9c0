// Package stanacks invokes a function for each request and acknowledges the request
// whatever the function answered.
package stanacks

import (
	"bytes"
	"log"
	"net/http"
	"time"

	"github.com/nats-io/stan.go"
)

var client = &http.Client{Timeout: 20 * time.Second}

func Work(conn stan.Conn, gateway string) (stan.Subscription, error) {
	return conn.QueueSubscribe("requests", "workers", func(m *stan.Msg) {
		resp, err := client.Post(gateway, "application/octet-stream", bytes.NewReader(m.Data)) // want `POST without an idempotency key.*\(sideeffect\)`
		if err != nil {
			log.Printf("request %d: %v", m.Sequence, err)
		} else {
			resp.Body.Close()
		}
		if err := m.Ack(); err != nil { // want `settled although .* failed.*\(deleteonerror\)`
			log.Printf("ack %d: %v", m.Sequence, err)
		}
	}, stan.SetManualAckMode(), stan.DurableName("workers"))
}

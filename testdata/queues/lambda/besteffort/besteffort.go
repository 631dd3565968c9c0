// Package besteffort stores orders and tells a chat room of it. Where the chat room cannot
// be told, nothing is lost: the order is stored. What the room is told it may be told twice,
// since nothing says that it was told before.
package besteffort

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type Chat struct {
	url  string
	http *http.Client
}

func NewChat(url string) *Chat { return &Chat{url: url, http: &http.Client{Timeout: 5 * time.Second}} }

func (c *Chat) Say(text string) error {
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return err
	}
	resp, err := c.http.Post(c.url, "application/json", bytes.NewReader(body)) // want `without an idempotency key.*\(sideeffect\)`
	if err != nil {
		return fmt.Errorf("chat: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("chat answered %s", resp.Status)
	}
	return nil
}

type Handler struct {
	store *s3.Client
	chat  *Chat
}

func (h *Handler) Handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	var failed []events.SQSBatchItemFailure
	for _, r := range event.Records {
		_, err := h.store.PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String("orders"), Key: aws.String("by-message/" + r.MessageId), Body: strings.NewReader(r.Body),
		})
		if err != nil {
			log.Printf("order: %v", err)
			failed = append(failed, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
			h.chat.Say("an order could not be stored")
			continue
		}
	}
	if len(failed) == 0 {
		h.chat.Say(fmt.Sprintf("%d orders are stored", len(event.Records)))
	}
	return events.SQSEventResponse{BatchItemFailures: failed}, nil
}

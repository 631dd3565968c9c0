// Package poison puts what it cannot store into a topic of its own before it acks: right.
package poison

import (
	"encoding/json"
	"fmt"

	"cloud.google.com/go/firestore"
	"github.com/ThreeDotsLabs/watermill/message"
)

type signup struct{ Email string }

type Handler struct {
	users  *firestore.CollectionRef
	aside  message.Publisher
	logger func(string, ...any)
}

func (h *Handler) Handle(msg *message.Message) error {
	if err := h.store(msg); err != nil {
		h.logger("signup %s: %v", msg.UUID, err)
		msg.Metadata.Set("reason", err.Error())
		if err := h.aside.Publish("signups-poison", msg); err != nil {
			return fmt.Errorf("putting %s aside: %w", msg.UUID, err)
		}
	}
	return nil
}

func (h *Handler) store(msg *message.Message) error {
	var s signup
	if err := json.Unmarshal(msg.Payload, &s); err != nil {
		return err
	}
	_, err := h.users.Doc(s.Email).Set(msg.Context(), s)
	return err
}

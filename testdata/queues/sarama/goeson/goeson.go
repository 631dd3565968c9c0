// Package goeson leaves a failed message unmarked and goes on: the next mark covers it.
package goeson

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Shopify/sarama"
	"log/slog"
)

// Store keeps documents.
type Store interface {
	Put(ctx context.Context, name string, body []byte) error
}

type blobStore struct {
	client    *azblob.Client
	container string
}

func (s *blobStore) Put(ctx context.Context, name string, body []byte) error {
	_, err := s.client.UploadBuffer(ctx, s.container, name, body, nil)
	return err
}

type handler struct {
	store Store
	log   *slog.Logger
}

func NewHandler(client *azblob.Client, log *slog.Logger) sarama.ConsumerGroupHandler {
	return &handler{store: &blobStore{client, "documents"}, log: log}
}

func (h *handler) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (h *handler) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (h *handler) ConsumeClaim(sess sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for m := range claim.Messages() {
		if err := h.store.Put(sess.Context(), string(m.Key), m.Value); err != nil {
			h.log.Error("put", "key", string(m.Key), "err", err)
			continue
		}
		sess.MarkMessage(m, "") // want `settled although .* failed.*\(deleteonerror\)`
	}
	return nil
}

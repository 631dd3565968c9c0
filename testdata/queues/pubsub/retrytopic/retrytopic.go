// Package retrytopic acknowledges a message that failed once its retry is in the topic of
// retries, under an id that is the same at each attempt: right.
package retrytopic

import (
	"context"
	"log"
	"strconv"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub"
)

type Worker struct {
	docs    *firestore.CollectionRef
	retries *pubsub.Topic
}

func (w *Worker) Handle(ctx context.Context, m *pubsub.Message) {
	err := w.work(ctx, m)
	if err == nil {
		m.Ack()
		return
	}
	log.Printf("message %s: %v", m.ID, err)
	round, _ := strconv.Atoi(m.Attributes["round"])
	again := &pubsub.Message{
		Data: m.Data,
		Attributes: map[string]string{
			"round": strconv.Itoa(round + 1),
			"key":   m.Attributes["key"] + "/" + strconv.Itoa(round+1),
		},
	}
	if _, err := w.retries.Publish(ctx, again).Get(ctx); err != nil {
		log.Printf("retry of %s: %v", m.ID, err)
		m.Nack()
		return
	}
	m.Ack()
}

func (w *Worker) work(ctx context.Context, m *pubsub.Message) error {
	_, err := w.docs.Doc(m.Attributes["key"]).Set(ctx, map[string]any{"body": m.Data}, firestore.MergeAll)
	return err
}

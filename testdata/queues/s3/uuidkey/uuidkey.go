// Package uuidkey stores applications through the house's store, behind an interface. The
// store makes up a name for each document: an application that comes twice is stored twice.
package uuidkey

import (
	"context"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/idemlint/idemlint/testdata/queues/s3/uuidkey/store"
)

type documents interface {
	Put(ctx context.Context, folder string, doc []byte) (string, error)
}

type Inbox struct {
	queue *sqs.Client
	url   string
	docs  documents
}

func New(cfg aws.Config, url string) *Inbox {
	return &Inbox{queue: sqs.NewFromConfig(cfg), url: url, docs: store.New(s3.NewFromConfig(cfg), "applications")}
}

func (in *Inbox) Poll(ctx context.Context) error {
	out, err := in.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(in.url), MaxNumberOfMessages: 10})
	if err != nil {
		return err
	}
	for _, m := range out.Messages {
		name, err := in.docs.Put(ctx, "applications", []byte(aws.ToString(m.Body))) // want `changes with each attempt.*\(freshkey\)`
		if err != nil {
			slog.Error("cannot store", "err", err)
			continue
		}
		slog.Info("stored", "name", name)
		if _, err := in.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(in.url), ReceiptHandle: m.ReceiptHandle}); err != nil {
			slog.Error("cannot delete", "err", err)
		}
	}
	return nil
}

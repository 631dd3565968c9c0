// Package deleteanyway indexes documents. When a document cannot be fetched, the error is
// logged and the message deleted all the same: the document is never indexed.
package deleteanyway

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type uploaded struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

type Indexer struct {
	SQS   *sqs.Client
	S3    *s3.Client
	Queue string
	Index string
}

func (ix *Indexer) Poll(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := ix.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &ix.Queue, MaxNumberOfMessages: 5, WaitTimeSeconds: 10})
		if err != nil {
			slog.Error("receive", "err", err)
			continue
		}
		for i := range out.Messages {
			ix.handle(ctx, &out.Messages[i])
		}
	}
}

func (ix *Indexer) handle(ctx context.Context, m *types.Message) {
	var up uploaded
	if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &up); err != nil {
		slog.Error("not a document", "body", aws.ToString(m.Body))
		ix.done(ctx, m)
		return
	}
	if err := ix.index(ctx, up); err != nil {
		slog.Error("cannot index", "key", up.Key, "err", err)
	}
	ix.done(ctx, m)
}

func (ix *Indexer) index(ctx context.Context, up uploaded) error {
	doc, err := ix.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &up.Bucket, Key: &up.Key})
	if err != nil {
		return err
	}
	defer doc.Body.Close()
	_, err = ix.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: &ix.Index, Key: aws.String("words/" + up.Key), Body: doc.Body})
	return err
}

func (ix *Indexer) done(ctx context.Context, m *types.Message) {
	_, err := ix.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &ix.Queue, ReceiptHandle: m.ReceiptHandle}) // want `\(deleteonerror\)`
	if err != nil {
		slog.Warn("delete", "err", err)
	}
}

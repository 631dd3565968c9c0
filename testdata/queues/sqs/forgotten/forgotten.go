// Package forgotten files invoices. Those of trial customers are filed like all others,
// but on their way out of the function the message is not deleted: it comes back until the
// redrive policy moves it away, and is filed each time.
package forgotten

import (
	"context"
	"encoding/json"
	"log"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type invoice struct {
	Number string
	Trial  bool
	Text   string
}

type worker struct {
	queue  *sqs.Client
	url    string
	store  *s3.Client
	bucket string
}

func Work(ctx context.Context, queue *sqs.Client, store *s3.Client, url, bucket string) error {
	w := &worker{queue: queue, url: url, store: store, bucket: bucket}
	for ctx.Err() == nil {
		out, err := queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 20, VisibilityTimeout: 45})
		if err != nil {
			return err
		}
		for _, m := range out.Messages {
			if err := w.file(ctx, m); err != nil {
				log.Printf("invoice: %v", err)
			}
		}
	}
	return ctx.Err()
}

func (w *worker) file(ctx context.Context, m types.Message) error {
	var inv invoice
	if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &inv); err != nil {
		return err
	}
	_, err := w.store.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &w.bucket, Key: aws.String("invoices/" + inv.Number + ".txt"), Body: strings.NewReader(inv.Text),
	})
	if err != nil {
		return err
	}
	if inv.Trial {
		log.Printf("invoice %s is a trial's", inv.Number)
		return nil // want `work succeeded.*unsettled.*\(missingdelete\)`
	}
	_, err = w.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &w.url, ReceiptHandle: m.ReceiptHandle})
	return err
}

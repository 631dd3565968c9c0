// Package heartbeat transcodes films, for as long as it takes. A goroutine extends the
// lease every twenty seconds for another minute; when it cannot, the work is cancelled.
package heartbeat

import (
	"context"
	"fmt"
	"log"
	"os/exec"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	lease = 60
	every = 20 * time.Second
)

type Transcoder struct {
	SQS   *sqs.Client
	Queue string
}

func (t *Transcoder) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		out, err := t.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &t.Queue, VisibilityTimeout: lease, WaitTimeSeconds: 20})
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, msg := range out.Messages {
			if err := t.transcode(ctx, msg); err != nil {
				log.Printf("film %s: %v", aws.ToString(msg.Body), err)
			}
		}
	}
	return ctx.Err()
}

func (t *Transcoder) transcode(parent context.Context, msg types.Message) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := t.extend(ctx, msg); err != nil {
					cancel(fmt.Errorf("lease lost: %w", err))
					return
				}
			}
		}
	}()

	out := "/films/" + aws.ToString(msg.MessageId) + ".mp4"
	if err := exec.CommandContext(ctx, "ffmpeg", "-y", "-i", aws.ToString(msg.Body), out).Run(); err != nil {
		return err
	}
	done, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	_, err := t.SQS.DeleteMessage(done, &sqs.DeleteMessageInput{QueueUrl: &t.Queue, ReceiptHandle: msg.ReceiptHandle})
	return err
}

func (t *Transcoder) extend(ctx context.Context, msg types.Message) error {
	_, err := t.SQS.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &t.Queue, ReceiptHandle: msg.ReceiptHandle, VisibilityTimeout: lease,
	})
	return err
}

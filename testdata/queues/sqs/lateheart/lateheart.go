// Package lateheart transcodes films. A heartbeat extends the lease, but only every
// minute, and the lease is half a minute long: the first beat comes when another worker
// has the film already.
package lateheart

import (
	"context"
	"log"
	"os/exec"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type Transcoder struct {
	SQS   *sqs.Client
	Queue string
}

func (t *Transcoder) Next(ctx context.Context) error {
	out, err := t.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &t.Queue, VisibilityTimeout: 30, WaitTimeSeconds: 20})
	if err != nil || len(out.Messages) == 0 {
		return err
	}
	msg := out.Messages[0]

	work, stop := context.WithCancel(ctx)
	defer stop()
	go t.beat(work, msg)

	if err := exec.CommandContext(work, "ffmpeg", "-i", aws.ToString(msg.Body), "/out/"+aws.ToString(msg.MessageId)+".mp4").Run(); err != nil {
		return err
	}
	_, err = t.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &t.Queue, ReceiptHandle: msg.ReceiptHandle})
	return err
}

func (t *Transcoder) beat(ctx context.Context, msg types.Message) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, err := t.SQS.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{ // want `renewal.*\(visibility\)`
				QueueUrl: &t.Queue, ReceiptHandle: msg.ReceiptHandle, VisibilityTimeout: 90,
			})
			if err != nil {
				log.Printf("heartbeat: %v", err)
			}
		}
	}
}

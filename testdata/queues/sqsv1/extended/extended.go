// Package extended runs builds that take as long as they take. The lease is two minutes,
// and a goroutine extends it every forty seconds, before the work begins and until it ends.
package extended

import (
	"context"
	"log"
	"os/exec"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/sqs"
	"github.com/aws/aws-sdk-go/service/sqs/sqsiface"
)

const lease = 120

type Builder struct {
	sqs sqsiface.SQSAPI
	url *string
}

func New(api sqsiface.SQSAPI, url string) *Builder {
	return &Builder{sqs: api, url: aws.String(url)}
}

func (b *Builder) Run(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := b.sqs.ReceiveMessageWithContext(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: b.url, VisibilityTimeout: aws.Int64(lease), WaitTimeSeconds: aws.Int64(20),
		})
		if err != nil {
			log.Println("receive:", err)
			time.Sleep(5 * time.Second)
			continue
		}
		var wg sync.WaitGroup
		for _, m := range out.Messages {
			wg.Add(1)
			go func(m *sqs.Message) {
				defer wg.Done()
				b.build(ctx, m)
			}(m)
		}
		wg.Wait()
	}
}

func (b *Builder) build(ctx context.Context, m *sqs.Message) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go b.keep(ctx, m.ReceiptHandle, stop)
	if out, err := exec.CommandContext(ctx, "make", "-C", aws.StringValue(m.Body)).CombinedOutput(); err != nil {
		log.Printf("build failed: %v\n%s", err, out)
		return
	}
	_, err := b.sqs.DeleteMessage(&sqs.DeleteMessageInput{QueueUrl: b.url, ReceiptHandle: m.ReceiptHandle})
	if err != nil {
		log.Println("delete:", err)
	}
}

func (b *Builder) keep(ctx context.Context, receipt *string, lost func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lease / 3 * time.Second):
		}
		_, err := b.sqs.ChangeMessageVisibilityWithContext(ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: b.url, ReceiptHandle: receipt, VisibilityTimeout: aws.Int64(lease),
		})
		if err != nil {
			lost()
			return
		}
	}
}

// Package pool hands messages to four workers over a channel without a buffer. Each worker
// deletes what it has finished, and nothing else.
package pool

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type job struct{ Bucket, From, To string }

type Pool struct {
	SQS   *sqs.Client
	S3    *s3.Client
	Queue string
}

func (p *Pool) Run(ctx context.Context) {
	jobs := make(chan types.Message)
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			p.work(ctx, jobs)
		}()
	}
	for ctx.Err() == nil {
		out, err := p.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &p.Queue, MaxNumberOfMessages: 4, WaitTimeSeconds: 20})
		if err != nil {
			log.Printf("receive: %v", err)
			continue
		}
		for _, m := range out.Messages {
			jobs <- m
		}
	}
	close(jobs)
	wg.Wait()
}

func (p *Pool) work(ctx context.Context, jobs <-chan types.Message) {
	for m := range jobs {
		if err := p.copy(ctx, m); err != nil {
			log.Printf("copy: %v", err)
			continue
		}
		if _, err := p.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &p.Queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
			log.Printf("delete: %v", err)
		}
	}
}

func (p *Pool) copy(ctx context.Context, m types.Message) error {
	var j job
	if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &j); err != nil {
		return err
	}
	if j.From == j.To {
		return errors.New("a copy onto itself")
	}
	_, err := p.S3.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &j.Bucket, Key: &j.To, CopySource: aws.String(j.Bucket + "/" + j.From)})
	return err
}

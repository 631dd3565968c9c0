// Package latest publishes the weather: the newest report replaces the object that all
// readers load. A report that is delivered again late replaces a newer one.
package latest

import (
	"context"
	"log"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type Publisher struct {
	Queue  *sqs.Client
	Store  *s3.Client
	URL    string
	Bucket string
}

func (p *Publisher) Run(ctx context.Context) error {
	for {
		out, err := p.Queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &p.URL, WaitTimeSeconds: 20})
		if err != nil {
			return err
		}
		for _, m := range out.Messages {
			_, err := p.Store.PutObject(ctx, &s3.PutObjectInput{ // want `key that several messages share.*\(blobwrite\)`
				Bucket: &p.Bucket, Key: aws.String("weather/latest.json"), Body: strings.NewReader(*m.Body), ContentType: aws.String("application/json"),
			})
			if err != nil {
				log.Printf("publish: %v", err)
				continue
			}
			if _, err := p.Queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &p.URL, ReceiptHandle: m.ReceiptHandle}); err != nil {
				log.Printf("delete: %v", err)
			}
		}
	}
}

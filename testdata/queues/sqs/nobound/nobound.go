// Package nobound fetches web pages. The message is hidden for half a minute; the default
// HTTP client waits for a slow server without any bound.
package nobound

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

const lease = 30

func Run(ctx context.Context, cfg aws.Config, queue string) error {
	q, store := sqs.NewFromConfig(cfg), s3.NewFromConfig(cfg)
	for {
		out, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(queue), MaxNumberOfMessages: 1, VisibilityTimeout: lease, WaitTimeSeconds: 20,
		})
		if err != nil {
			return err
		}
		for _, m := range out.Messages {
			page, err := fetch(*m.Body)
			if err != nil {
				log.Printf("%s: %v", *m.Body, err)
				continue
			}
			_, err = store.PutObject(ctx, &s3.PutObjectInput{
				Bucket: aws.String("pages"), Key: aws.String("raw/" + *m.MessageId), Body: strings.NewReader(page),
			})
			if err != nil {
				log.Printf("%s: %v", *m.Body, err)
				continue
			}
			if _, err := q.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(queue), ReceiptHandle: m.ReceiptHandle}); err != nil {
				log.Printf("delete: %v", err)
			}
		}
	}
}

func fetch(url string) (string, error) {
	resp, err := http.Get(url) // want `wait without a bound.*\(visibility\)`
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("server answered %s", resp.Status)
	}
	page, err := io.ReadAll(io.LimitReader(resp.Body, 10<<20))
	return string(page), err
}

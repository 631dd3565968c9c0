// Package callback is the house's subscriber: it calls a function with each message, keeps
// the lease alive meanwhile, and deletes the message when the function returns, whether it
// could do its work or not.
package callback

import (
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/s3"
	"github.com/aws/aws-sdk-go/service/sqs"
	"strings"
)

const visibility = 60

type Subscriber struct {
	svc *sqs.SQS
	url string
	fn  func(body string) error
}

func NewSubscriber(sess *session.Session, url string, fn func(string) error) *Subscriber {
	return &Subscriber{svc: sqs.New(sess), url: url, fn: fn}
}

func (s *Subscriber) Start(quit <-chan struct{}) error {
	for {
		select {
		case <-quit:
			return nil
		default:
		}
		resp, err := s.svc.ReceiveMessage(&sqs.ReceiveMessageInput{
			QueueUrl:            aws.String(s.url),
			MaxNumberOfMessages: aws.Int64(1),
			VisibilityTimeout:   aws.Int64(visibility),
			WaitTimeSeconds:     aws.Int64(5),
		})
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		for _, msg := range resp.Messages {
			done := make(chan struct{})
			go s.extend(msg, done)
			if err := s.fn(aws.StringValue(msg.Body)); err != nil {
				log.Printf("callback failed: %v", err)
			}
			close(done)
			_, err := s.svc.DeleteMessage(&sqs.DeleteMessageInput{QueueUrl: aws.String(s.url), ReceiptHandle: msg.ReceiptHandle}) // want `settled although the work failed.*\(deleteonerror\)`
			if err != nil {
				log.Printf("delete: %v", err)
			}
		}
	}
}

func (s *Subscriber) extend(msg *sqs.Message, done <-chan struct{}) {
	tick := time.NewTicker(visibility / 3 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			_, err := s.svc.ChangeMessageVisibility(&sqs.ChangeMessageVisibilityInput{
				QueueUrl: aws.String(s.url), ReceiptHandle: msg.ReceiptHandle, VisibilityTimeout: aws.Int64(visibility),
			})
			if err != nil {
				log.Printf("extend: %v", err)
			}
		}
	}
}

// Archive keeps the messages' bodies in a bucket.
func Archive(sess *session.Session, url, bucket string, quit <-chan struct{}) error {
	store := s3.New(sess)
	return NewSubscriber(sess, url, func(body string) error {
		name, text, ok := strings.Cut(body, "\n")
		if !ok {
			return fmt.Errorf("no name in %q", body)
		}
		_, err := store.PutObject(&s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(name), Body: strings.NewReader(text)})
		return err
	}).Start(quit)
}

// Package managerkey takes screenshots and uploads them with the upload manager, under a
// name that is drawn for each attempt.
package managerkey

import (
	"bytes"
	"fmt"
	"log"
	"os/exec"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/s3/s3manager"
	"github.com/aws/aws-sdk-go/service/sqs"
	"github.com/rs/xid"
)

type Camera struct {
	queue    *sqs.SQS
	url      string
	uploader *s3manager.Uploader
	bucket   string
}

func NewCamera(sess *session.Session, url, bucket string) *Camera {
	return &Camera{queue: sqs.New(sess), url: url, uploader: s3manager.NewUploader(sess), bucket: bucket}
}

func (c *Camera) Once() error {
	out, err := c.queue.ReceiveMessage(&sqs.ReceiveMessageInput{QueueUrl: &c.url, MaxNumberOfMessages: aws.Int64(10)})
	if err != nil {
		return err
	}
	for _, m := range out.Messages {
		if err := c.shoot(*m.Body); err != nil {
			log.Printf("%s: %v", *m.Body, err)
			continue
		}
		if _, err := c.queue.DeleteMessage(&sqs.DeleteMessageInput{QueueUrl: &c.url, ReceiptHandle: m.ReceiptHandle}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Camera) shoot(page string) error {
	png, err := exec.Command("shoot", page).Output() // want `wait without a bound.*\(visibility\)`
	if err != nil {
		return err
	}
	_, err = c.uploader.Upload(&s3manager.UploadInput{ // want `changes with each attempt.*\(freshkey\)`
		Bucket: aws.String(c.bucket),
		Key:    aws.String(fmt.Sprintf("shots/%s.png", xid.New())),
		Body:   bytes.NewReader(png),
	})
	return err
}

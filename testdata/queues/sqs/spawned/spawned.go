// Package spawned resizes pictures, each in a goroutine of its own, and deletes the
// message as soon as the goroutine runs: whoever stops the process in between loses the
// picture.
package spawned

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type Resizer struct {
	Queue    *sqs.Client
	QueueURL *string
	Store    *s3.Client
	Bucket   string
}

func (r *Resizer) Listen(ctx context.Context) {
	for {
		res, err := r.Queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: r.QueueURL, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
		if err != nil {
			log.Println(err)
			return
		}
		for _, m := range res.Messages {
			key := aws.ToString(m.Body)
			go func() {
				if err := r.resize(ctx, key); err != nil {
					log.Printf("%s: %v", key, err)
				}
			}()
			if _, err := r.Queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: r.QueueURL, ReceiptHandle: m.ReceiptHandle}); err != nil { // want `\(earlydelete\)`
				log.Println(err)
			}
		}
	}
}

func (r *Resizer) resize(ctx context.Context, key string) error {
	obj, err := r.Store.GetObject(ctx, &s3.GetObjectInput{Bucket: &r.Bucket, Key: &key})
	if err != nil {
		return err
	}
	defer obj.Body.Close()
	img, _, err := image.Decode(obj.Body)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, nil); err != nil {
		return err
	}
	_, err = r.Store.PutObject(ctx, &s3.PutObjectInput{Bucket: &r.Bucket, Key: aws.String("small/" + key), Body: &buf})
	return err
}

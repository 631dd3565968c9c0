// Package unwaited copies uploads to a second bucket, each in a goroutine that nobody waits
// for. When the handler returns, Lambda freezes the process: the copies may never end, and
// the event is settled.
package unwaited

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

var client *s3.Client

func Setup(cfg aws.Config) { client = s3.NewFromConfig(cfg) }

func Handle(ctx context.Context, event events.S3Event) error {
	for _, r := range event.Records {
		go mirror(ctx, r.S3.Bucket.Name, r.S3.Object.URLDecodedKey)
	}
	return nil // want `settled while the work is under way.*\(earlydelete\)`
}

func mirror(ctx context.Context, bucket, key string) {
	_, err := client.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: aws.String("mirror"), Key: aws.String(key), CopySource: aws.String(bucket + "/" + key),
	})
	if err != nil {
		log.Printf("mirror %s: %v", key, err)
	}
}

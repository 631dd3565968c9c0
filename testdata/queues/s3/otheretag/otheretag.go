// Package otheretag counts the downloads of films in one object. The ETag it writes under
// comes from a HeadObject made after the object was read: a change between the two is
// lost, and the ETag says that all is well.
package otheretag

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type Counter struct {
	Store  *s3.Client
	Bucket string
}

func (c *Counter) Handle(ctx context.Context, event events.SNSEvent) error {
	for _, r := range event.Records {
		if err := c.count(ctx, r.SNS.Message); err != nil {
			return err
		}
	}
	return nil
}

func (c *Counter) count(ctx context.Context, film string) error {
	key := aws.String("downloads.json")
	got, err := c.Store.GetObject(ctx, &s3.GetObjectInput{Bucket: &c.Bucket, Key: key})
	if err != nil {
		return err
	}
	defer got.Body.Close()
	downloads := map[string]int{}
	if err := json.NewDecoder(got.Body).Decode(&downloads); err != nil {
		return err
	}
	downloads[film]++
	body, err := json.Marshal(downloads)
	if err != nil {
		return err
	}
	head, err := c.Store.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &c.Bucket, Key: key})
	if err != nil {
		return err
	}
	_, err = c.Store.PutObject(ctx, &s3.PutObjectInput{Bucket: &c.Bucket, Key: key, Body: bytes.NewReader(body), IfMatch: head.ETag}) // want `version read after the content.*\(etag\)` `adds to what was read.*\(increment\)`
	return err
}

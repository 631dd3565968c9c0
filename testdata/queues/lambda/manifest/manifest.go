// Package manifest keeps the list of a bucket's films in one object: each upload's key is
// added to it. Two events at once lose an entry, and one event that comes twice adds the
// key twice.
package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type films struct {
	Keys []string `json:"keys"`
}

type Lister struct {
	Client *s3.Client
	Bucket string
}

func (l *Lister) Handle(ctx context.Context, event events.S3Event) error {
	for _, record := range event.Records {
		if err := l.add(ctx, record.S3.Object.URLDecodedKey); err != nil {
			return fmt.Errorf("add %s: %w", record.S3.Object.URLDecodedKey, err)
		}
	}
	return nil
}

func (l *Lister) add(ctx context.Context, key string) error {
	old, err := l.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(l.Bucket), Key: aws.String("films.json")})
	if err != nil {
		return err
	}
	defer old.Body.Close()
	var list films
	if err := json.NewDecoder(old.Body).Decode(&list); err != nil {
		return err
	}
	list.Keys = append(list.Keys, key)
	body, err := json.Marshal(list)
	if err != nil {
		return err
	}
	_, err = l.Client.PutObject(ctx, &s3.PutObjectInput{ // want `read-modify-write without a precondition.*\(etag\)`
		Bucket: aws.String(l.Bucket), Key: aws.String("films.json"), Body: bytes.NewReader(body),
	})
	return err
}

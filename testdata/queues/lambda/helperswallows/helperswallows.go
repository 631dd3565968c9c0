// Package helperswallows sends welcome letters to new users that an SNS topic announces.
// The helper that stores the letter logs its errors and returns nothing: Lambda takes the
// event for handled.
package helperswallows

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type user struct{ ID, Name string }

type Letters struct{ Store *s3.Client }

func (l *Letters) Handle(ctx context.Context, event events.SNSEvent) error {
	for _, record := range event.Records {
		var u user
		if err := json.Unmarshal([]byte(record.SNS.Message), &u); err != nil {
			return err
		}
		l.put(ctx, u)
	}
	return nil // want `settled although the work failed.*\(deleteonerror\)`
}

func (l *Letters) put(ctx context.Context, u user) {
	_, err := l.Store.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("letters"), Key: aws.String("outbox/" + u.ID), Body: strings.NewReader("Welcome, " + u.Name + "!"),
	})
	if err != nil {
		slog.Error("cannot write letter", "user", u.ID, "err", err)
	}
}

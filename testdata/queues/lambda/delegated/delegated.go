// Package main raises an alert for each rule that a table's stream shows to have matched.
// The function that Lambda calls prepares its logger and hands the event on; the alerts are
// stored by another package, under ids that are made up there.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/dynamodb"

	"github.com/idemlint/idemlint/testdata/queues/lambda/delegated/alerts"
)

var store *alerts.Store

func main() {
	store = &alerts.Store{DB: dynamodb.New(session.Must(session.NewSession())), Table: "alerts"}
	lambda.Start(handle)
}

func handle(ctx context.Context, event events.DynamoDBEvent) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		log.SetPrefix(lc.AwsRequestID + " ")
	}
	return forward(event)
}

func forward(event events.DynamoDBEvent) (err error) {
	defer func() { log.Printf("%d records: %v", len(event.Records), err) }()
	for _, r := range event.Records {
		if err := store.Raise(r.Change.NewImage["rule"].String()); err != nil { // want `changes with each attempt.*\(freshkey\)`
			return err
		}
	}
	return nil
}

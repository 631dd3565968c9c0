// Package freshid opens a ticket for each complaint. The ticket's number is drawn where it
// is stored: when a later record of the batch fails, the whole batch comes again, and the
// complaints that had been stored get a second ticket.
package freshid

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/uuid"
)

type ticket struct {
	PK      string    `dynamodbav:"pk"`
	SK      string    `dynamodbav:"sk"`
	Text    string    `dynamodbav:"text"`
	Created time.Time `dynamodbav:"created"`
}

// Tickets stores tickets.
type Tickets interface {
	Open(ctx context.Context, customer, text string) (string, error)
}

type table struct {
	db   *dynamodb.Client
	name string
}

func NewTickets(db *dynamodb.Client, name string) Tickets { return &table{db, name} }

func (t *table) Open(ctx context.Context, customer, text string) (string, error) {
	id := uuid.New().String()
	item, err := attributevalue.MarshalMap(ticket{PK: "CUSTOMER#" + customer, SK: "TICKET#" + id, Text: text, Created: time.Now()})
	if err != nil {
		return "", err
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(t.name), Item: item}) // want `changes with each attempt.*\(freshkey\)`
	return id, err
}

// Complaints are handled by a Lambda function.
type Complaints struct{ tickets Tickets }

func NewComplaints(db *dynamodb.Client) *Complaints {
	return &Complaints{tickets: NewTickets(db, "tickets")}
}

func (c *Complaints) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, r := range event.Records {
		var in struct{ Customer, Text string }
		if err := json.Unmarshal([]byte(r.Body), &in); err != nil {
			return fmt.Errorf("record %s: %w", r.MessageId, err)
		}
		if _, err := c.tickets.Open(ctx, in.Customer, in.Text); err != nil {
			return fmt.Errorf("record %s: %w", r.MessageId, err)
		}
	}
	return nil
}

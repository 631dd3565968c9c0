// Package alerts stores alerts.
package alerts

import (
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/dynamodb"
	"github.com/aws/aws-sdk-go/service/dynamodb/dynamodbattribute"
	"github.com/aws/aws-sdk-go/service/dynamodb/dynamodbiface"
	"github.com/google/uuid"
)

// Alert is what is stored.
type Alert struct {
	ID   string `dynamodbav:"id"`
	Rule string `dynamodbav:"rule"`
}

// Store keeps alerts in a table.
type Store struct {
	DB    dynamodbiface.DynamoDBAPI
	Table string
}

// Raise stores an alert under a new id.
func (s *Store) Raise(rule string) error {
	item, err := dynamodbattribute.MarshalMap(Alert{ID: uuid.NewString(), Rule: rule})
	if err != nil {
		return err
	}
	_, err = s.DB.PutItem(&dynamodb.PutItemInput{TableName: aws.String(s.Table), Item: item})
	return err
}

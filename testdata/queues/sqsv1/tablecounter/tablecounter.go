// Package tablecounter counts votes in a table: it reads the candidate's item, adds one,
// and puts it back. Two workers that read at once lose a vote.
package tablecounter

import (
	"log"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/dynamodb"
	"github.com/aws/aws-sdk-go/service/dynamodb/dynamodbattribute"
	"github.com/aws/aws-sdk-go/service/dynamodb/dynamodbiface"
	"github.com/aws/aws-sdk-go/service/sqs"
)

type candidate struct {
	ID    string `json:"id"`
	Votes int    `json:"votes"`
}

type Votes struct {
	Queue *sqs.SQS
	Table dynamodbiface.DynamoDBAPI
	URL   string
	Name  string
}

func (v *Votes) Handle(m *sqs.Message) {
	id := aws.StringValue(m.Body)
	got, err := v.Table.GetItem(&dynamodb.GetItemInput{
		TableName: &v.Name, Key: map[string]*dynamodb.AttributeValue{"id": {S: aws.String(id)}},
	})
	if err != nil {
		log.Println("read:", err)
		return
	}
	var c candidate
	if err := dynamodbattribute.UnmarshalMap(got.Item, &c); err != nil {
		log.Println("decode:", err)
		return
	}
	c.Votes++
	item, err := dynamodbattribute.MarshalMap(c)
	if err != nil {
		log.Println("encode:", err)
		return
	}
	if _, err := v.Table.PutItem(&dynamodb.PutItemInput{TableName: &v.Name, Item: item}); err != nil { // want `read-modify-write without a precondition.*\(etag\)`
		log.Println("write:", err)
		return
	}
	if _, err := v.Queue.DeleteMessage(&sqs.DeleteMessageInput{QueueUrl: &v.URL, ReceiptHandle: m.ReceiptHandle}); err != nil {
		log.Println("delete:", err)
	}
}

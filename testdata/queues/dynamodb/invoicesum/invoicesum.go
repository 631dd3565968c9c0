// Package invoicesum reads the lines of an order by its number and stores their sum beside
// them. Whoever comes later reckons the same.
package invoicesum

import (
	"context"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type line struct {
	Cents int `dynamodbav:"cents"`
}

type Sums struct {
	db    *dynamodb.Client
	table string
}

func (s *Sums) Handle(ctx context.Context, event events.SQSEvent) error {
	for _, r := range event.Records {
		lines, err := s.lines(ctx, r.Body)
		if err != nil {
			return err
		}
		sum := 0
		for _, l := range lines {
			sum += l.Cents
		}
		_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: map[string]types.AttributeValue{
			"pk":    &types.AttributeValueMemberS{Value: "ORDER#" + r.Body},
			"sk":    &types.AttributeValueMemberS{Value: "SUM"},
			"cents": &types.AttributeValueMemberN{Value: strconv.Itoa(sum)},
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Sums) lines(ctx context.Context, order string) ([]line, error) {
	var all []line
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName:                 &s.table,
		KeyConditionExpression:    aws.String("pk = :order AND begins_with(sk, :line)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":order": &types.AttributeValueMemberS{Value: "ORDER#" + order}, ":line": &types.AttributeValueMemberS{Value: "LINE#"}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		var some []line
		if err := attributevalue.UnmarshalListOfMaps(page.Items, &some); err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

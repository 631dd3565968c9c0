package models

// Amazon DynamoDB, in both SDKs.
//
// Facts that matter:
//   - PutItem replaces the whole item, UpdateItem sets attributes and creates the item
//     where it is not there; both without a condition unless ConditionExpression says one
//     (ConditionalCheckFailedException, 400). A condition's text is a constant even where it
//     asks for the version that was read; so it stands where a create's condition stands,
//     which says "refused", and not among the conditions that a repetition always fails.
//   - The names of the key's attributes belong to the table's schema, which the code does
//     not show. An item's key is looked for under the names that people give it: pk, sk,
//     id, in any case; where it has none of them, its key is not known.
//   - An update expression that adds (ADD, SET n = n + :d, list_append) is relative. Models
//     cannot say that; such an update is told as a plain write.
//   - TransactWriteItems is all or nothing: a condition on one item guards all. Its
//     ClientRequestToken makes it once for 10 minutes; without one the SDK makes one up
//     for each call.
//   - BatchWriteItem knows no conditions and may leave items over (UnprocessedItems).
//   - A Query reads what its key condition names: it is a read under that key. A Scan
//     reads everything.
var dynamodbModel = Model{
	Name:     "Amazon DynamoDB",
	Packages: []string{dynamodbV2, dynamodbV1, dynamodbV1 + "/dynamodbiface"},
	Calls: said("Amazon DynamoDB", dynamodbSource, concat(
		awsClient(dynamodbV2),
		[]Call{
			{Func: fn(dynamodbV1, "New"), Role: Client, Key: paths("arg0")},
			{
				Func: fn(dynamodbV2, "NewQueryPaginator"), Role: Read, Content: paths("ret0"),
				Key: paths("arg0", "arg1.TableName", "arg1.ExpressionAttributeValues"),
			},
			{Func: fn(dynamodbV2, "NewScanPaginator"), Role: List, Key: paths("arg0", "arg1.TableName"), Content: paths("ret0")},
		},
		awsOperations(dynamodbV2, dynamodbOperations),
		awsOldOperations(dynamodbV1, "DynamoDB", dynamodbV1+"/dynamodbiface.DynamoDBAPI", dynamodbOperations),
	)...),
}

const (
	dynamodbV1     = awsV1 + "service/dynamodb"
	dynamodbV2     = awsV2 + "service/dynamodb"
	dynamodbSource = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html"
)

var (
	dynamodbTable = paths("recv", "in.TableName")
	dynamodbItem  = paths("recv", "in.TableName", "in.Key")
	dynamodbKeys  = []string{"pk", "sk", "id"}
)

var dynamodbOperations = []Call{
	{Func: "GetItem", Role: Read, Key: dynamodbItem, Content: paths("ret0.Item")},
	{Func: "BatchGetItem", Role: Read, Key: paths("recv", "in.RequestItems"), Content: paths("ret0.Responses")},
	{Func: "TransactGetItems", Role: Read, Key: paths("recv", "in.TransactItems"), Content: paths("ret0.Responses")},
	{
		Func: "Query", Role: Read, Content: paths("ret0.Items"),
		Key: paths("recv", "in.TableName", "in.ExpressionAttributeValues"),
	},
	{Func: "Scan", Role: List, Key: dynamodbTable, Content: paths("ret0.Items")},
	{
		// Only the condition uses the values; they tell a condition on what was read from
		// one on the message.
		Func: "PutItem", Role: Write, Key: dynamodbTable, KeyIn: dynamodbKeys, Value: paths("in.Item"),
		IfNoneMatch: paths("in.ConditionExpression"), Conditions: paths("in.ExpressionAttributeValues", "in.Expected"),
	},
	{
		// Update and condition share the values.
		Func: "UpdateItem", Role: Write, Key: dynamodbItem,
		Value:       paths("in.UpdateExpression", "in.ExpressionAttributeValues", "in.AttributeUpdates"),
		IfNoneMatch: paths("in.ConditionExpression"), Conditions: paths("in.Expected"),
	},
	{
		Func: "DeleteItem", Role: Remove, Key: dynamodbItem,
		Conditions: paths("in.ConditionExpression", "in.Expected"),
	},
	{
		Func: "BatchWriteItem", Role: Write, Key: paths("recv"), KeyIn: dynamodbKeys,
		Value: paths("in.RequestItems[][].PutRequest.Item"),
	},
	{
		Func: "TransactWriteItems", Role: Write, Key: paths("recv"), KeyIn: dynamodbKeys,
		Value: paths("in.TransactItems[].Put.Item", "in.TransactItems[].Update.ExpressionAttributeValues"),
		Conditions: paths(
			"in.TransactItems[].Put.ConditionExpression", "in.TransactItems[].Update.ConditionExpression",
			"in.TransactItems[].Delete.ConditionExpression", "in.TransactItems[].ConditionCheck.ConditionExpression",
		),
		DedupID: paths("in.ClientRequestToken"),
		Source:  "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html",
	},
}

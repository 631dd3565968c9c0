package models

// AWS services that take messages and events: SNS, EventBridge, Kinesis, and e-mail (SES).
//
// Facts that matter:
//   - None of them drops what is sent again, but SNS FIFO topics by their deduplication id
//     (5 minutes).
//   - PutEvents, PublishBatch and PutRecords return no error where single entries failed:
//     the answer tells.
//   - SendEmail takes no idempotency key.
var awsSendModel = Model{
	Name:     "AWS messaging",
	Packages: []string{snsV2, snsV1, snsV1 + "/snsiface", eventbridgeV2, kinesisV2, sesV2},
	Calls: concat(
		said("Amazon SNS", "https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html", concat(
			awsClient(snsV2),
			[]Call{{Func: fn(snsV1, "New"), Role: Client, Key: paths("arg0")}},
			awsOperations(snsV2, snsOperations),
			awsOldOperations(snsV1, "SNS", snsV1+"/snsiface.SNSAPI", snsOperations),
		)...),
		said("Amazon EventBridge", "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html", concat(
			awsClient(eventbridgeV2),
			awsOperations(eventbridgeV2, []Call{{
				Func: "PutEvents", Role: Send, Key: paths("recv", "in.Entries[].EventBusName"), Value: paths("in.Entries[].Detail"),
			}}),
		)...),
		said("Amazon Kinesis", "https://docs.aws.amazon.com/streams/latest/dev/kinesis-record-processor-duplicates.html", concat(
			awsClient(kinesisV2),
			awsOperations(kinesisV2, []Call{
				{Func: "PutRecord", Role: Send, Key: paths("recv", "in.StreamName"), Value: paths("in.Data")},
				{Func: "PutRecords", Role: Send, Key: paths("recv", "in.StreamName"), Value: paths("in.Records[].Data")},
			}),
		)...),
		said("Amazon SES", "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html", concat(
			awsClient(sesV2),
			awsOperations(sesV2, []Call{
				{Func: "SendEmail", Role: External, Key: paths("recv"), Value: paths("in.Content", "in.Destination")},
				{Func: "SendBulkEmail", Role: External, Key: paths("recv"), Value: paths("in.BulkEmailEntries", "in.DefaultContent")},
			}),
		)...),
	),
}

const (
	snsV1         = awsV1 + "service/sns"
	snsV2         = awsV2 + "service/sns"
	eventbridgeV2 = awsV2 + "service/eventbridge"
	kinesisV2     = awsV2 + "service/kinesis"
	sesV2         = awsV2 + "service/sesv2"
)

var snsOperations = []Call{
	{
		Func: "Publish", Role: Send, Key: paths("recv", "in.TopicArn"),
		Value: paths("in.Message", "in.MessageAttributes"), DedupID: paths("in.MessageDeduplicationId"),
	},
	{
		Func: "PublishBatch", Role: Send, Key: paths("recv", "in.TopicArn"),
		Value:   paths("in.PublishBatchRequestEntries[].Message", "in.PublishBatchRequestEntries[].MessageAttributes"),
		DedupID: paths("in.PublishBatchRequestEntries[].MessageDeduplicationId"),
	},
}

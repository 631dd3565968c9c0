package models

// AWS services that take messages and events: SNS, EventBridge, Kinesis, Firehose, Lambda,
// and e-mail (SES).
//
// Facts that matter:
//   - None of them drops what is sent again, but SNS FIFO topics by their deduplication id
//     (5 minutes).
//   - PutEvents, PublishBatch, PutRecords and PutRecordBatch return no error where single
//     entries failed: the answer tells.
//   - SendEmail takes no idempotency key: DATA is SMTP's word for handing a mail over.
var awsSendModel = Model{
	Name: "AWS messaging",
	Packages: []string{
		snsV2, snsV1, snsV1 + "/snsiface", eventbridgeV2, eventbridgeV1, eventbridgeV1 + "/eventbridgeiface",
		kinesisV2, kinesisV1, kinesisV1 + "/kinesisiface", sesV2, sesV1, sesV1 + "/sesiface",
		firehoseV1, firehoseV1 + "/firehoseiface", lambdaV1, lambdaV1 + "/lambdaiface",
	},
	Calls: concat(
		said("Amazon SNS", "https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html", concat(
			awsClient(snsV2),
			[]Call{{Func: fn(snsV1, "New"), Role: Client, Key: paths("arg0")}},
			awsOperations(snsV2, snsOperations),
			awsOldOperations(snsV1, "SNS", snsV1+"/snsiface.SNSAPI", snsOperations),
		)...),
		said("Amazon EventBridge", "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html", concat(
			awsClient(eventbridgeV2),
			[]Call{{Func: fn(eventbridgeV1, "New"), Role: Client, Key: paths("arg0")}},
			awsOperations(eventbridgeV2, eventbridgeOperations),
			awsOldOperations(eventbridgeV1, "EventBridge", eventbridgeV1+"/eventbridgeiface.EventBridgeAPI", eventbridgeOperations),
		)...),
		said("Amazon Kinesis", "https://docs.aws.amazon.com/streams/latest/dev/kinesis-record-processor-duplicates.html", concat(
			awsClient(kinesisV2),
			[]Call{{Func: fn(kinesisV1, "New"), Role: Client, Key: paths("arg0")}},
			awsOperations(kinesisV2, kinesisOperations),
			awsOldOperations(kinesisV1, "Kinesis", kinesisV1+"/kinesisiface.KinesisAPI", kinesisOperations),
		)...),
		said("Amazon Data Firehose", "https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html", concat(
			[]Call{{Func: fn(firehoseV1, "New"), Role: Client, Key: paths("arg0")}},
			awsOldOperations(firehoseV1, "Firehose", firehoseV1+"/firehoseiface.FirehoseAPI", []Call{
				{Func: "PutRecord", Role: Send, Key: paths("recv", "in.DeliveryStreamName"), Value: paths("in.Record.Data")},
				{Func: "PutRecordBatch", Role: Send, Key: paths("recv", "in.DeliveryStreamName"), Value: paths("in.Records[].Data")},
			}),
		)...),
		// Whether a function may be called twice is its own affair.
		said("AWS Lambda", "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html", concat(
			[]Call{{Func: fn(lambdaV1, "New"), Role: Client, Key: paths("arg0")}},
			awsOldOperations(lambdaV1, "Lambda", lambdaV1+"/lambdaiface.LambdaAPI", []Call{{
				Func: "Invoke", Role: External, Key: paths("recv", "in.FunctionName"), Value: paths("in.Payload"), Content: paths("ret0.Payload"),
			}}),
		)...),
		said("Amazon SES", "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html", concat(
			awsClient(sesV2),
			[]Call{{Func: fn(sesV1, "New"), Role: Client, Key: paths("arg0")}},
			awsOperations(sesV2, []Call{
				{Func: "SendEmail", Role: External, FixedVerb: "DATA", Key: paths("recv"), Value: paths("in.Content", "in.Destination")},
				{Func: "SendBulkEmail", Role: External, FixedVerb: "DATA", Key: paths("recv"), Value: paths("in.BulkEmailEntries", "in.DefaultContent")},
			}),
			awsOldOperations(sesV1, "SES", sesV1+"/sesiface.SESAPI", []Call{
				{Func: "SendEmail", Role: External, FixedVerb: "DATA", Key: paths("recv"), Value: paths("in.Message", "in.Destination")},
				{Func: "SendRawEmail", Role: External, FixedVerb: "DATA", Key: paths("recv"), Value: paths("in.RawMessage", "in.Destinations")},
				{Func: "SendTemplatedEmail", Role: External, FixedVerb: "DATA", Key: paths("recv"), Value: paths("in.TemplateData", "in.Destination")},
			}),
		)...),
	),
}

const (
	snsV1         = awsV1 + "service/sns"
	snsV2         = awsV2 + "service/sns"
	eventbridgeV1 = awsV1 + "service/eventbridge"
	eventbridgeV2 = awsV2 + "service/eventbridge"
	kinesisV1     = awsV1 + "service/kinesis"
	kinesisV2     = awsV2 + "service/kinesis"
	firehoseV1    = awsV1 + "service/firehose"
	lambdaV1      = awsV1 + "service/lambda"
	sesV1         = awsV1 + "service/ses"
	sesV2         = awsV2 + "service/sesv2"
)

var eventbridgeOperations = []Call{{
	Func: "PutEvents", Role: Send, Key: paths("recv", "in.Entries[].EventBusName"), Value: paths("in.Entries[].Detail"),
}}

var kinesisOperations = []Call{
	{Func: "PutRecord", Role: Send, Key: paths("recv", "in.StreamName"), Value: paths("in.Data")},
	{Func: "PutRecords", Role: Send, Key: paths("recv", "in.StreamName"), Value: paths("in.Records[].Data")},
}

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

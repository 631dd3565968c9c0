package models

// AWS Lambda's events: functions that are given messages and settle them by what they
// return.
//
// Facts that matter:
//   - From SQS, Kinesis and DynamoDB streams a batch comes as one event. Nil settles all of
//     it; an error gives all of it back, also what was finished. Where the mapping asks
//     for it (ReportBatchItemFailures), the response's BatchItemFailures gives back those
//     listed alone.
//   - An invocation for SQS runs under the queue's visibility timeout; Lambda wants that to
//     be no shorter than the function's own timeout. Neither stands in the code.
//   - SNS, S3 and EventBridge invoke a function asynchronously: after an error Lambda invokes
//     it twice more, and the same event may come twice without an error, too.
//   - A record's ids are the same at each delivery; the receipt handle and the receive count
//     of an SQS message are not.
//   - An object's key comes URL-encoded; events about one object may come out of order,
//     its sequencer tells which is later.
var lambdaModel = Model{
	Name:     "AWS Lambda",
	Packages: []string{lambdaEvents},
	Messages: []Message{
		lambdaEvent("SQSEvent", "Amazon SQS", lambdaSQS),
		{
			Type:     lambdaEvents + ".SQSMessage",
			Delivery: []string{"ReceiptHandle", sqsReceives},
			Identity: []string{"MessageId"},
			Receipt:  "ReceiptHandle",
			Count:    sqsReceives,
			Returned: true,
			System:   "Amazon SQS",
			Source:   lambdaSQS,
		},
		lambdaEvent("SNSEvent", "Amazon SNS", lambdaAsync),
		lambdaRecord("SNSEventRecord", "Amazon SNS", lambdaAsync),
		lambdaRecord("SNSEntity", "Amazon SNS", lambdaAsync, "MessageID"),
		lambdaEvent("S3Event", "Amazon S3 events", lambdaAsync),
		lambdaRecord("S3EventRecord", "Amazon S3 events", lambdaAsync),
		lambdaRecord("S3Entity", "Amazon S3 events", lambdaAsync),
		lambdaRecord("S3Object", "Amazon S3 events", lambdaAsync, "Sequencer"),
		lambdaEvent("KinesisEvent", "Amazon Kinesis", lambdaStreams),
		lambdaRecord("KinesisEventRecord", "Amazon Kinesis", lambdaStreams, "EventID"),
		lambdaRecord("KinesisRecord", "Amazon Kinesis", lambdaStreams, "SequenceNumber"),
		lambdaEvent("DynamoDBEvent", "DynamoDB Streams", lambdaStreams),
		lambdaRecord("DynamoDBEventRecord", "DynamoDB Streams", lambdaStreams, "EventID"),
		lambdaRecord("DynamoDBStreamRecord", "DynamoDB Streams", lambdaStreams, "SequenceNumber"),
		// EventBridgeEvent is another name of it.
		lambdaRecord("CloudWatchEvent", "Amazon EventBridge", lambdaAsync, "ID"),
	},
}

const (
	lambdaEvents  = "github.com/aws/aws-lambda-go/events"
	lambdaSQS     = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"
	lambdaAsync   = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"
	lambdaStreams = "https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html"
)

// lambdaEvent is an event that brings many records.
func lambdaEvent(typ, system, source string) Message {
	return Message{Type: lambdaEvents + "." + typ, Records: "Records", Returned: true, System: system, Source: source}
}

// lambdaRecord is one record, or the part of it that people pass on.
func lambdaRecord(typ, system, source string, identity ...string) Message {
	return Message{Type: lambdaEvents + "." + typ, Identity: identity, Returned: true, System: system, Source: source}
}

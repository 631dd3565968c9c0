package models

import "time"

// Amazon SQS, in both SDKs.
//
// Facts that matter:
//   - A received message is hidden for VisibilityTimeout seconds: the receive's, or else
//     the queue's. The queue's is set where the queue is made (30 seconds unless said
//     there), which the code that receives does not show: no default is known. At most
//     12 hours. In the second SDK 0 and absent are one: the queue's timeout holds.
//   - A receive brings one message unless MaxNumberOfMessages (at most 10) says more. All
//     of them are hidden from the same moment on.
//   - A receipt handle stays valid over ChangeMessageVisibility; each delivery brings a new
//     one. A message deleted with an old handle may stay in a standard queue.
//   - ChangeMessageVisibility counts from now, not from the end of the old timeout. With
//     0 it gives the message back at once: a nack. Models cannot say that of one value;
//     it is told as a renewal for 0 seconds.
//   - Batches return no error where single entries failed: the answer's Failed tells.
//   - The queue counts deliveries (ApproximateReceiveCount) and moves a message aside by its
//     redrive policy, which stands in the infrastructure.
//   - A deduplication id drops what is sent again within 5 minutes, in FIFO queues alone.
//   - Both SDKs try a request three times in all (the first one four times): a SendMessage
//     whose answer is lost is two messages.
var sqsModel = Model{
	Name:     "Amazon SQS",
	Packages: []string{sqsV2, sqsV1, sqsV1 + "/sqsiface"},
	Calls: said("Amazon SQS", sqsSource, concat(
		awsClient(sqsV2),
		[]Call{{Func: fn(sqsV1, "New"), Role: Client, Key: paths("arg0")}},
		awsOperations(sqsV2, sqsOperations),
		awsOldOperations(sqsV1, "SQS", sqsV1+"/sqsiface.SQSAPI", sqsOperations),
	)...),
	Messages: []Message{sqsMessage(sqsV2 + "/types.Message"), sqsMessage(sqsV1 + ".Message")},
}

const (
	sqsV1     = awsV1 + "service/sqs"
	sqsV2     = awsV2 + "service/sqs"
	sqsSource = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html"

	// sqsReceives is the key of a message's attributes under which its deliveries are
	// counted.
	sqsReceives = "ApproximateReceiveCount"
)

func sqsMessage(typ string) Message {
	return Message{
		Type:     typ,
		Delivery: []string{"ReceiptHandle", sqsReceives},
		Identity: []string{"MessageId"},
		Receipt:  "ReceiptHandle",
		Count:    sqsReceives,
		System:   "Amazon SQS",
		Source:   "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html",
	}
}

var sqsQueue = paths("recv", "in.QueueUrl")

var sqsOperations = []Call{
	{
		Func: "ReceiveMessage", Role: Receive, Key: sqsQueue, Message: "ret0.Messages[]",
		Lease: Quantity{Path: "in.VisibilityTimeout", Unit: time.Second, Max: 12 * time.Hour},
		Batch: Quantity{Path: "in.MaxNumberOfMessages", Default: 1, Max: 10},
	},
	{Func: "DeleteMessage", Role: Settle, Key: sqsQueue, Message: "in.ReceiptHandle", Receipt: "in.ReceiptHandle"},
	{Func: "DeleteMessageBatch", Role: Settle, Key: sqsQueue, Message: "in.Entries[].ReceiptHandle", Receipt: "in.Entries[].ReceiptHandle"},
	{
		Func: "ChangeMessageVisibility", Role: Renew, Key: sqsQueue, Message: "in.ReceiptHandle",
		Lease: Quantity{Path: "in.VisibilityTimeout", Unit: time.Second, Max: 12 * time.Hour},
	},
	{
		Func: "ChangeMessageVisibilityBatch", Role: Renew, Key: sqsQueue, Message: "in.Entries[].ReceiptHandle",
		Lease: Quantity{Path: "in.Entries[].VisibilityTimeout", Unit: time.Second, Max: 12 * time.Hour},
	},
	{Func: "SendMessage", Role: Send, Key: sqsQueue, Value: paths("in.MessageBody", "in.MessageAttributes"), DedupID: paths("in.MessageDeduplicationId")},
	{
		// An entry's Id tells entries of one request apart, and no more than that.
		Func: "SendMessageBatch", Role: Send, Key: sqsQueue,
		Value:   paths("in.Entries[].MessageBody", "in.Entries[].MessageAttributes"),
		DedupID: paths("in.Entries[].MessageDeduplicationId"),
	},
	// Deletes every message, also those that other workers hold.
	{Func: "PurgeQueue", Role: Remove, Key: sqsQueue, Facet: FacetMessages},
	{Func: "DeleteQueue", Role: Remove, Key: sqsQueue},
	// Answers with the queue's URL where it exists with the same attributes.
	{Func: "CreateQueue", Role: Create, Key: paths("recv", "in.QueueName"), Value: paths("in.Attributes"), Repeatable: true},
	{Func: "GetQueueAttributes", Role: Read, Key: sqsQueue, Content: paths("ret0.Attributes"), Facet: FacetSettings},
	{Func: "SetQueueAttributes", Role: Write, Key: sqsQueue, Value: paths("in.Attributes"), Facet: FacetSettings},
}

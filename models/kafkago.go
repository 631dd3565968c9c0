package models

// Kafka by segmentio/kafka-go.
//
// Facts that matter:
//   - A reader with a GroupID fetches from the group's offsets. FetchMessage commits
//     nothing; CommitMessages commits the offset after the message's, and with it every
//     earlier message of the partition, handled or not.
//   - ReadMessage commits in a group before it returns: what crashes after it is lost.
//     Without a GroupID it commits nothing and the next process starts where its
//     StartOffset says; the entry speaks of the group, for which the call is made.
//   - A message is never hidden for a time: who stays in the group keeps its partitions
//     (heartbeats run beside the handler), so there is no lease.
//   - There is no nack: a fetched message that is not committed comes again only when
//     the partition is assigned anew, and a later commit covers it.
//   - Writer.WriteMessages retries (10 attempts by default); Kafka drops no duplicate.
var kafkagoModel = Model{
	Name:     "Kafka",
	Packages: []string{kafkago},
	Calls: said("Kafka", kafkagoSource, concat(
		[]Call{
			{Func: fn(kafkago, "NewReader"), Role: Client, Key: paths("arg0.Brokers", "arg0.GroupID", "arg0.Topic"), Alone: "arg0.GroupID"},
			{Func: fn(kafkago, "NewWriter"), Role: Client, Key: paths("arg0.Brokers", "arg0.Topic")},
		},
		remote(
			Call{Func: method(kafkago, "Reader", "FetchMessage"), Role: Receive, Key: paths("recv"), Message: "ret0"},
			Call{Func: method(kafkago, "Reader", "ReadMessage"), Role: Receive, Key: paths("recv"), Message: "ret0", Pops: true},
			Call{Func: method(kafkago, "Reader", "CommitMessages"), Role: Settle, Key: paths("recv"), Message: "arg1[]", Cumulative: true},
			Call{Func: method(kafkago, "Writer", "WriteMessages"), Role: Send, Key: paths("recv", "arg1[].Topic"), Value: paths("arg1[]")},
		),
		[]Call{
			{Func: method(kafkago, "Conn", "WriteMessages"), Role: Send, Key: paths("recv"), Value: paths("arg0[]")},
		},
	)...),
	Messages: []Message{{
		Type: kafkago + ".Message",
		// Within its topic and partition.
		Identity: []string{"Offset"},
		// The end of the log at the time of the fetch.
		Delivery: []string{"HighWaterMark"},
		// What a Writer sends has the same type.
		Assumed: true,
		System:  "Kafka",
		Source:  kafkagoSource,
	}},
}

const (
	kafkago       = "github.com/segmentio/kafka-go"
	kafkagoSource = "kafka-go v0.4.51 reader.go (ReadMessage, FetchMessage, CommitMessages), writer.go"
)

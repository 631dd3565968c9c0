package models

// Kafka by confluent-kafka-go v2, which wraps librdkafka by cgo.
//
// Facts that matter:
//   - Poll and ReadMessage store the message's offset before they return it
//     (enable.auto.offset.store, on by default), and every five seconds what is stored is
//     committed (enable.auto.commit, on by default): by default a crash loses what was
//     being worked on, if it took long enough. The settings are keys of a map, which no
//     path reaches, so that the entries speak of manual commits only.
//   - CommitMessage commits the offset after the message's, StoreMessage leaves that to
//     the background; both cover every earlier message of the partition. Commit without
//     arguments sends what is stored and has no entry.
//   - Who does not poll for max.poll.interval.ms (5 minutes by default) loses its
//     partitions; that, too, is a setting.
//   - Seek goes back: the messages from there on come again.
//   - Produce hands over and returns; what became of the message comes as an event.
var confluentModel = Model{
	Name:     "Kafka (confluent)",
	Packages: []string{confluent},
	Calls: said("Kafka", confluentSource,
		Call{Func: fn(confluent, "NewConsumer"), Role: Client, Key: paths("arg0")},
		Call{Func: fn(confluent, "NewProducer"), Role: Client, Key: paths("arg0")},
		// An event: a message, an error, or news of the group.
		Call{Func: method(confluent, "Consumer", "Poll"), Role: Receive, Key: paths("recv"), Message: "ret0"},
		Call{Func: method(confluent, "Consumer", "ReadMessage"), Role: Receive, Key: paths("recv"), Message: "ret0"},
		Call{Func: method(confluent, "Consumer", "CommitMessage"), Role: Settle, Key: paths("recv"), Message: "arg0", Cumulative: true},
		Call{Func: method(confluent, "Consumer", "StoreMessage"), Role: Settle, Key: paths("recv"), Message: "arg0", Cumulative: true},
		Call{Func: method(confluent, "Consumer", "CommitOffsets"), Role: Settle, Key: paths("recv"), Message: "arg0[].Offset", Cumulative: true},
		Call{Func: method(confluent, "Consumer", "StoreOffsets"), Role: Settle, Key: paths("recv"), Message: "arg0[].Offset", Cumulative: true},
		Call{Func: method(confluent, "Consumer", "Seek"), Role: Nack, Key: paths("recv"), Message: "arg0.Offset"},
		Call{
			Func: method(confluent, "Producer", "Produce"), Role: Send,
			Key: paths("recv", "arg0.TopicPartition.Topic"), Value: paths("arg0"),
		},
	),
	Messages: []Message{{
		Type: confluent + ".Message",
		// Topic, partition and offset.
		Identity: []string{"TopicPartition"},
		// What Produce sends has the same type.
		Assumed: true,
		System:  "Kafka",
		Source:  confluentSource,
	}},
}

const (
	confluent       = "github.com/confluentinc/confluent-kafka-go/v2/kafka"
	confluentSource = "confluent-kafka-go v2.11.1 kafka/consumer.go, producer.go; librdkafka CONFIGURATION.md"
)
